// The storage family as a mini-program calls it: the arguments of the `Sync` forms in their places, values that JSON
// does not have, and failures as exceptions where they are expected. What may be stored is decided in Rust.

/**
 * A value on its way to the store and back: JSON, and a word for what JSON does not have.
 * @typedef {{ __proto__: null, type?: string, data?: unknown }} Packed
 */

/**
 * @param {import('../../engine/prelude.js').Native} _native
 * @param {import('../../engine/prelude.js').Tools} tools
 * @returns {{[name: string]: (slot: number) => Function}}
 */
export function glue(_native, { asynchronous, define, isList, language, synchronous, typeName }) {
  const { apply, getTime, isFinite, OwnDate } = language

  /** The time of a Date; nothing for any other object. @param {object} value */
  const timeOf = (value) => {
    try {
      return apply(getTime, value, [])
    } catch {
      return undefined
    }
  }

  /** Nothing for what cannot be stored. @param {unknown} value @returns {Packed | undefined} */
  const packed = (value) => {
    switch (typeof value) {
      case 'undefined':
        return { __proto__: null, type: 'undefined' }
      case 'number':
        return isFinite(value) ? { __proto__: null, data: value } : { __proto__: null, type: 'number', data: `${value}` }
      case 'bigint':
      case 'function':
      case 'symbol':
        return undefined
      default: {
        const time = typeof value === 'object' && value !== null ? timeOf(value) : undefined
        return time === undefined ? { __proto__: null, data: value } : { __proto__: null, type: 'date', data: time }
      }
    }
  }

  /** @param {any} answer with both members as its own */
  const unpacked = (answer) => {
    switch (answer.type) {
      case 'undefined':
        return undefined
      case 'number':
        return +answer.data
      case 'date':
        return new OwnDate(answer.data === null ? NaN : answer.data)
      default:
        return answer.data
    }
  }

  /** Puts the value that was stored in the place of its packed form. @param {any} result */
  const unpackOne = (result) => {
    const value = unpacked(result)
    delete result.type
    define(result, 'data', value)
  }

  /** @param {any} result */
  const unpackAll = (result) => {
    const list = result.dataList
    for (let at = 0; at < list.length; at++) list[at] = unpacked(list[at])
  }

  /** What is wrong with a key. @param {unknown} key @param {string} path */
  const notText = (key, path) =>
    typeof key === 'string' ? '' : `${path} should be String instead of ${typeName(key)}`

  // Each of these gives what travels, or what is wrong as text.

  /** @param {any} key @param {string} path @param {unknown} encrypt */
  const one = (key, path, encrypt) => notText(key, path) || { __proto__: null, key, encrypt: encrypt === true }

  /** @param {any} key @param {unknown} value @param {string} path @param {unknown} encrypt */
  const entry = (key, value, path, encrypt) => {
    const held = packed(value)
    return notText(key, path) || (held === undefined
      ? `a ${typeName(value)} cannot be stored`
      : { __proto__: null, key, type: held.type, data: held.data, encrypt: encrypt === true })
  }

  /** @param {any} list @param {string} path @param {(item: any, path: string) => unknown} read */
  const all = (list, path, read) => {
    if (typeof list !== 'object' || list === null || !isList(list)) {
      return `${path} should be Array instead of ${typeName(list)}`
    }
    /** @type {unknown[]} */
    const items = []
    for (let at = 0; at < list.length; at++) {
      const item = read(list[at], `${path}[${at}]`)
      if (typeof item === 'string') return item
      define(items, `${at}`, item)
    }
    return { __proto__: null, list: items }
  }

  /** @param {any} item @param {string} path */
  const pair = (item, path) => typeof item === 'object' && item !== null
    ? entry(item.key, item.value, `${path}.key`, false)
    : `${path} should be Object instead of ${typeName(item)}`

  /** @param {any} item @param {string} path */
  const name = (item, path) => one(item, path, false)

  const nothing = () => ({ __proto__: null })

  const silent = () => undefined

  return /** @type {any} */ ({
    __proto__: null,
    setStorage: asynchronous((given) => entry(given.key, given.data, 'parameter.key', given.encrypt)),
    getStorage: asynchronous((given) => one(given.key, 'parameter.key', given.encrypt), unpackOne),
    removeStorage: asynchronous((given) => one(given.key, 'parameter.key', false)),
    clearStorage: asynchronous(nothing),
    getStorageInfo: asynchronous(nothing),
    batchSetStorage: asynchronous((given) => all(given.kvList, 'parameter.kvList', pair)),
    batchGetStorage: asynchronous((given) => all(given.keyList, 'parameter.keyList', name), unpackAll),
    setStorageSync: synchronous((key, value) => entry(key, value, 'parameter', false), silent),
    getStorageSync: synchronous((key) => one(key, 'parameter', false), unpacked),
    removeStorageSync: synchronous((key) => one(key, 'parameter', false), silent),
    clearStorageSync: synchronous(nothing, silent),
    getStorageInfoSync: synchronous(nothing, (result) => {
      delete result.errMsg
      return result
    }),
    batchSetStorageSync: synchronous((list) => all(list, 'parameter', pair), silent),
    batchGetStorageSync: synchronous((list) => all(list, 'parameter', name), (result) => {
      unpackAll(result)
      return result.dataList
    }),
  })
}
