// The measuring itself: a warm-up, then both sides by turns, then medians.

/** @typedef {{ ours: number, reference: number, ratio: number, unit: string, n: number }} Figures */
/** @typedef {() => Promise<number>} Side one repetition of one side */

/**
 * Runs both sides by turns, after a warm-up of each. Who goes first changes from one repetition to the next, so that
 * whatever the one leaves behind (caches, garbage, a busy neighbour) meets both alike.
 * @param {string} unit
 * @param {number} repetitions
 * @param {Side} ours
 * @param {Side} reference
 * @returns {Promise<Figures>}
 */
export async function byTurns(unit, repetitions, ours, reference) {
  await ours()
  await reference()
  /** @type {number[]} */
  const ourFigures = []
  /** @type {number[]} */
  const theirFigures = []
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const ourTurn = async () => ourFigures.push(await ours())
    const theirTurn = async () => theirFigures.push(await reference())
    for (const turn of repetition % 2 === 0 ? [ourTurn, theirTurn] : [theirTurn, ourTurn]) {
      // Between the turns nobody measures, so this is where garbage goes.
      globalThis.gc?.()
      await turn()
    }
  }
  const [our, their] = [median(ourFigures), median(theirFigures)]
  return { ours: our, reference: their, ratio: our / their, unit, n: repetitions }
}

/**
 * The middle one; of an even number the lower of the two.
 * @param {number[]} figures
 */
export function median(figures) {
  return figures.toSorted((a, b) => a - b)[(figures.length - 1) >> 1]
}

/**
 * One line for people.
 * @param {string} name
 * @param {Figures} figures
 */
export function line(name, { ours, reference, ratio, unit, n }) {
  const figure = (/** @type {number} */ number) => `${number.toFixed(3).padStart(10)} ${unit}`
  return `${name.padEnd(22)} ours ${figure(ours)}  reference ${figure(reference)}  ratio ${ratio.toFixed(3)}  n ${n}`
}
