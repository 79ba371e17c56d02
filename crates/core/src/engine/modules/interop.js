// What modules need in JavaScript: the shape of `require`, the exports of an ES module as a plain object, and those of a
// CommonJS module as names that can be imported. Runs once per engine, before any foreign code, and takes here what it
// needs of the language.

/** How many members of a CommonJS module can be imported by name. The engine looks each of them up in a list. */
const MOST_NAMES = 4096

/** @returns what `engine/modules/` holds on to */
export const interop = () => {
  const { defineProperty, keys } = Object
  const { isArray } = Array
  const { apply, ownKeys, getOwnPropertyDescriptor } = Reflect
  const Pledge = Promise
  const { then } = Promise.prototype

  /** @param {object} object @param {PropertyKey} name @param {PropertyDescriptor} descriptor */
  const define = (object, name, descriptor) => {
    defineProperty(object, name, /** @type {any} */ ({ __proto__: null, ...descriptor }))
  }

  /**
   * `require` of one file. With callbacks, and as `require.async`, it serves packages that are loaded in parts: here all
   * parts are there, but the answer still comes later.
   * @param {(request: unknown, later?: boolean) => unknown} load hears whether the answer comes later
   */
  const makeRequire = (load) => {
    /** @param {unknown} request */
    const later = (request) => new Pledge((resolve, reject) => {
      try {
        resolve(load(request, true))
      } catch (error) {
        const { message } = /** @type {{message?: unknown}} */ (Object(error))
        reject({ mod: request, errMsg: typeof message === 'string' ? message : `${error}` })
      }
    })
    /** @param {unknown} request @param {unknown} [loaded] @param {unknown} [failed] */
    const require = (request, loaded, failed) => {
      if (typeof loaded !== 'function' && typeof failed !== 'function') return load(request)
      apply(then, later(request), [
        typeof loaded === 'function' ? (/** @type {unknown} */ value) => { loaded(value) } : undefined,
        (/** @type {unknown} */ error) => { if (typeof failed === 'function') failed(error) }
      ])
      return undefined
    }
    define(require, 'async', { value: later, writable: true, enumerable: true, configurable: true })
    return require
  }

  /** The exports object of an ES module, before it runs. @param {boolean} exports whether it has any */
  const makeExports = (exports) => {
    const object = {}
    if (exports) define(object, '__esModule', { value: true })
    return object
  }

  /** Puts live getters for the exports of an ES module on its exports object. @param {object} target @param {any} names */
  const expose = (target, names) => {
    const all = ownKeys(names)
    for (let at = 0; at < all.length; at++) {
      const name = all[at]
      if (typeof name !== 'string' || getOwnPropertyDescriptor(target, name) !== undefined) continue
      define(target, name, { get: () => names[name], enumerable: true })
    }
  }

  /** What can be imported from a CommonJS module that exports `value`. @param {any} value */
  const importable = (value) => {
    const names = /** @type {Record<string, unknown>} */ ({ __proto__: null })
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
    if (isObject && !isArray(value)) {
      const all = keys(value)
      for (let at = 0; at < all.length && at < MOST_NAMES; at++) {
        define(names, all[at], { value: value[all[at]], enumerable: true, configurable: true })
      }
    }
    const fallback = isObject && value.__esModule ? value.default : value
    define(names, 'default', { value: fallback, enumerable: true, configurable: true })
    return names
  }

  return { makeRequire, makeExports, expose, importable }
}
