// What the parts of the layer share: the natives, which no object of a mini-program leads to, and functions of the
// language as they were before its code ran.

/**
 * What `engine/pages.rs` gives to the layer.
 * @typedef {object} Native
 * @property {(path: string) => unknown} load runs a file of the package once
 * @property {(path: string) => boolean} exists
 * @property {(path: string) => string | undefined} text
 * @property {(path: string) => {groupList: object, content: Function}} template
 * @property {(plugin: string, name: string) => string | undefined} component the path of a component that a plugin gives
 * @property {(level: string, text: string) => void} log
 * @property {(value: unknown, where: string) => void} error
 * @property {(pageId: number, text: string) => void} changes
 * @property {(pageId: number, src: string, timeout: number) => void} webView what the `<web-view>` of a page shows; nothing
 *   without an address
 * @property {(pageId: number, keep: boolean) => unknown[] | undefined} messages what the web page has posted
 */

/** @type {Native} */
export let native

/**
 * What the prelude gives: see `engine/prelude.js`.
 * @type {{native: any, scopes: import('../../engine/prelude.js').Scope[],
 *   define: (object: object, name: string, value: unknown) => void, typeName: (value: unknown) => string}}
 */
export let tools

/** @param {any} given @param {Native} natives */
export const furnish = (given, natives) => {
  tools = given
  native = natives
}

export const { assign, create, defineProperty, freeze, getPrototypeOf, keys } = Object
export const { isArray } = Array
export const { apply } = Reflect
export const { parse, stringify } = JSON
const objectPrototype = Object.prototype
const { hasOwnProperty } = objectPrototype
const { push, join, slice: sliceList } = Array.prototype
const { split, slice, indexOf, lastIndexOf, startsWith, endsWith, trim, toLowerCase } = String.prototype
const { then } = Promise.prototype

/** @param {any} object @param {string} name @returns {boolean} */
export const owns = (object, name) => apply(hasOwnProperty, object, [name])

/** @template T @param {T[]} list @param {T} item */
export const add = (list, item) => apply(push, list, [item])

/** @param {unknown[]} list @param {string} by @returns {string} */
export const joined = (list, by) => apply(join, list, [by])

/** @template T @param {T[]} list @param {number} [from] @param {number} [to] @returns {T[]} */
export const part = (list, from, to) => apply(sliceList, list, [from, to])

/** Functions on text. */
export const text = {
  /** @param {string} whole @param {string} by @returns {string[]} */
  split: (whole, by) => apply(split, whole, [by]),
  /** @param {string} whole @param {number} from @param {number} [to] @returns {string} */
  slice: (whole, from, to) => apply(slice, whole, [from, to]),
  /** @param {string} whole @param {string} what @returns {number} */
  find: (whole, what) => apply(indexOf, whole, [what]),
  /** @param {string} whole @param {string} what @returns {number} */
  findLast: (whole, what) => apply(lastIndexOf, whole, [what]),
  /** @param {string} whole @param {string} what @returns {boolean} */
  begins: (whole, what) => apply(startsWith, whole, [what]),
  /** @param {string} whole @param {string} what @returns {boolean} */
  ends: (whole, what) => apply(endsWith, whole, [what]),
  /** @param {string} whole @returns {string} */
  trim: (whole) => apply(trim, whole, []),
  /** @param {string} whole @returns {string} */
  lower: (whole) => apply(toLowerCase, whole, [])
}

/** Whether copying its own members copies it. @param {object} value */
export const isPlain = (value) => {
  const prototype = getPrototypeOf(value)
  return prototype === objectPrototype || prototype === null
}

/** @param {object} object @param {string} name @param {unknown} value */
export const hide = (object, name, value) => {
  defineProperty(object, name, /** @type {PropertyDescriptor} */ (
    { __proto__: null, value, writable: true, enumerable: false, configurable: true }))
}

const settled = Promise.resolve()
// Without a constructor of its own, `then` would look for one where a mini-program can put another.
hide(settled, 'constructor', undefined)

/** Runs a function when the code that runs now is through, before any timer. @param {() => void} task */
export const soon = (task) => {
  apply(then, settled, [task])
}

/** Runs code of the mini-program; what it throws is reported, with the file and the hook, and goes no further.
 * @param {string} where @param {Function} code @param {unknown} self @param {unknown[]} given @returns {any} */
export const guarded = (where, code, self, given) => {
  try {
    return apply(code, self, given)
  } catch (error) {
    native.error(error, where)
    return undefined
  }
}
