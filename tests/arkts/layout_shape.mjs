// Compares a value with a rule of layout_rules.mjs and names everything that differs.

/** @typedef {import('./layout_rules.mjs').Rule} Rule */

/**
 * What is wrong with `value`, each with its place in the file.
 * @param {unknown} value
 * @param {Rule} rule
 * @param {string} [place]
 * @returns {string[]}
 */
export function differences(value, rule, place = '') {
  const at = place === '' ? 'the file' : place
  if (typeof rule === 'string') return typeof value === rule ? [] : [`${at}: ${rule} expected, got ${inWords(value)}`]
  if (rule instanceof RegExp) {
    return typeof value === 'string' && rule.test(value) ? [] : [`${at}: ${rule} expected, got ${inWords(value)}`]
  }
  if ('one' in rule) {
    const known = typeof value === 'string' && rule.one.includes(value)
    return known ? [] : [`${at}: one of ${rule.one.join(', ')} expected, got ${inWords(value)}`]
  }
  if ('list' in rule) {
    if (!Array.isArray(value)) return [`${at}: a list expected, got ${inWords(value)}`]
    return value.flatMap((item, index) => differences(item, rule.list, `${place}[${index}]`))
  }
  if (!isObject(value)) return [`${at}: an object expected, got ${inWords(value)}`]
  const inside = (/** @type {string} */ name) => (place === '' ? name : `${place}.${name}`)
  if ('map' in rule) {
    return Object.entries(value).flatMap(([name, member]) => differences(member, rule.map, inside(name)))
  }
  return ofMembers(value, rule.members, inside)
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * @param {Record<string, unknown>} value
 * @param {Record<string, Rule>} rules
 * @param {(name: string) => string} inside
 */
function ofMembers(value, rules, inside) {
  const found = []
  for (const [written, rule] of Object.entries(rules)) {
    const name = written.replace(/\?$/, '')
    if (name in value) found.push(...differences(value[name], rule, inside(name)))
    else if (name === written) found.push(`${inside(name)}: missing`)
  }
  const known = new Set(Object.keys(rules).map((name) => name.replace(/\?$/, '')))
  const unknown = Object.keys(value).filter((name) => !known.has(name))
  return [...found, ...unknown.map((name) => `${inside(name)}: not a member that is known here`)]
}

/** @param {unknown} value */
function inWords(value) {
  return JSON.stringify(value) ?? 'nothing'
}
