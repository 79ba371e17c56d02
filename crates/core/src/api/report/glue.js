// `reportEvent` as a mini-program calls it: two arguments, and a failure that is said on the console, because nobody looks
// at what it returns. What may be reported is decided in Rust.

/**
 * @param {import('../../engine/prelude.js').Native} native
 * @param {import('../../engine/prelude.js').Tools} tools
 * @returns {{[name: string]: (slot: number) => Function}}
 */
export function glue(native, { careful, owns, typeName }) {
  /** What is wrong with the arguments. @param {unknown} eventId @param {unknown} data */
  const mistake = (eventId, data) => {
    if (typeof eventId !== 'string') return `parameter should be String instead of ${typeName(eventId)}`
    return typeName(data) === 'Object' ? '' : `parameter.data should be Object instead of ${typeName(data)}`
  }

  /** @param {number} slot */
  const report = (slot) => function (/** @type {unknown} */ eventId, /** @type {unknown} */ data) {
    const given = data === undefined || data === null ? { __proto__: null } : data
    // Even the name of a type may be a getter of the mini-program.
    const text = careful(() => mistake(eventId, given))
    const result = /** @type {any} */ (text === ''
      ? native.invokeSync(slot, { __proto__: null, eventId, data: given })
      : native.refuse(slot, undefined, `parameter error: ${text};`))
    if (owns(result, 'errCode')) native.warn(result.errMsg)
    return result
  }

  return /** @type {any} */ ({ __proto__: null, reportEvent: report, reportAnalytics: report })
}
