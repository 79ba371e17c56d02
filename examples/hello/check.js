// Compares what came with what was expected.

/** What is wrong with `got`; empty when nothing is. */
const check = (got, expected) => {
  const [came, wanted] = [JSON.stringify(got), JSON.stringify(expected)]
  return came === wanted ? '' : `expected ${wanted}, got ${came}`
}

module.exports = { check }
