// Copies of data. Containers are copied; what is no container of data (dates, expressions, buffers, functions, instances
// of classes) stays as it is. The framework takes its own copies here too: the bundle puts this in the place of its own.

import { defineProperty, isArray, isPlain, keys } from './room.js'

// What nests deeper is a mistake or a circle; the engine's own stack would end a little later.
const DEEPEST = 500

/** Members that only a define can make: assigned, they would change the object itself. */
const put = (/** @type {any} */ object, /** @type {string} */ name, /** @type {unknown} */ value) => {
  if (name === '__proto__') {
    defineProperty(object, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: true, configurable: true }))
  } else {
    object[name] = value
  }
}

/** @param {any} source @param {number} depth @param {{size: number}} count @returns {any} */
const copied = (source, depth, count) => {
  if (typeof source === 'string') {
    count.size += source.length + 2
    return source
  }
  count.size += 5
  if (typeof source !== 'object' || source === null) return source
  if (depth > DEEPEST) throw new Error('data refers to itself or is nested too deep')
  if (isArray(source)) {
    const list = []
    for (let at = 0; at < source.length; at++) list[at] = copied(source[at], depth + 1, count)
    return list
  }
  if (!isPlain(source)) return source
  const object = {}
  const names = keys(source)
  for (let at = 0; at < names.length; at++) {
    count.size += names[at].length + 3
    put(object, names[at], copied(source[names[at]], depth + 1, count))
  }
  return object
}

/** @param {any} source @returns {any} */
export const copyOf = (source) => copied(source, 0, { size: 0 })

/** The copy, and about how long its text would be. @param {any} source @returns {{copy: any, size: number}} */
export const measuredCopy = (source) => {
  const count = { size: 0 }
  return { copy: copied(source, 0, count), size: count.size }
}

// Under the names that the framework knows.
export { copyOf as simpleDeepCopy, copyOf as deepCopy }
