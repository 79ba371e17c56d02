// The built-ins that the library uses, taken when it is loaded: what a page later does to its globals changes nothing
// here, and sees nothing. For the same reason lists are kept in maps and walked with `forEach`, arrays are only read,
// and nothing is used that looks for an iterator.

export const { apply } = Reflect
export const { defineProperty, hasOwn, keys } = Object
export const { isArray } = Array
export const { isSafeInteger } = Number
export const { parse, stringify } = JSON
export const { isView } = ArrayBuffer
export const { Promise: OwnPromise, Map: OwnMap, TypeError: OwnTypeError } = globalThis
export const { Uint8Array: OwnUint8Array, Uint32Array: OwnUint32Array, DataView: OwnDataView } = globalThis
export const { TextEncoder: OwnTextEncoder, TextDecoder: OwnTextDecoder } = globalThis
export const toText = String

const { console: ownConsole, crypto: ownCrypto } = globalThis
const { bind, call: callFunction } = Function.prototype

/**
 * A method as a function that takes its object first.
 * @type {(method: Function) => (...given: any[]) => any}
 */
const free = bind.bind(callFunction)

/**
 * A getter as a function that takes its object.
 * @param {object} prototype
 * @param {string | symbol} name
 */
const getter = (prototype, name) => free(/** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)).get)

export const mapGet = free(Map.prototype.get)
export const mapSet = free(Map.prototype.set)
export const mapDelete = free(Map.prototype.delete)
export const mapClear = free(Map.prototype.clear)
export const mapEach = free(Map.prototype.forEach)
export const mapSize = getter(Map.prototype, 'size')

export const indexOf = free(String.prototype.indexOf)
export const startsWith = free(String.prototype.startsWith)
export const sliceText = free(String.prototype.slice)
export const trimStart = free(String.prototype.trimStart)
export const isPrototypeOf = free(Object.prototype.isPrototypeOf)
export const kindOf = free(Object.prototype.toString)
export const then = free(Promise.prototype.then)

export const typedArrayName = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
export const viewBuffer = getter(Object.getPrototypeOf(Uint8Array.prototype), 'buffer')
export const viewOffset = getter(Object.getPrototypeOf(Uint8Array.prototype), 'byteOffset')
export const viewLength = getter(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')
export const dataViewBuffer = getter(DataView.prototype, 'buffer')
export const dataViewOffset = getter(DataView.prototype, 'byteOffset')
export const dataViewLength = getter(DataView.prototype, 'byteLength')
export const bufferLength = getter(ArrayBuffer.prototype, 'byteLength')
export const bufferSlice = free(ArrayBuffer.prototype.slice)
export const arrayBufferPrototype = ArrayBuffer.prototype
export const setBytes = free(Uint8Array.prototype.set)
export const subarray = free(Uint8Array.prototype.subarray)
export const getUint32 = free(DataView.prototype.getUint32)
export const setUint32 = free(DataView.prototype.setUint32)
export const encodeText = free(TextEncoder.prototype.encode)
export const decodeText = free(TextDecoder.prototype.decode)
export const { fromCharCode } = String
export const charCodeAt = free(String.prototype.charCodeAt)

/** What a binary value can be, by the name that JavaScript gives its kind. @type {{[kind: string]: any}} */
export const viewsByKind = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
}

const bindTo = free(bind)

/** A function of the global object, or what stands in for it outside of a browser. */
const taken = (/** @type {string} */ name, /** @type {Function} */ otherwise) => {
  const found = /** @type {any} */ (globalThis)[name]
  return typeof found === 'function' ? bindTo(found, globalThis) : otherwise
}

export const setTimer = taken('setTimeout', () => 0)
export const clearTimer = taken('clearTimeout', () => undefined)
/** Listens to an event of the window. */
export const listenGlobally = taken('addEventListener', () => undefined)
export const soon = taken('queueMicrotask', () => undefined)
export const clone = taken('structuredClone', (/** @type {unknown} */ value) => value)
export const encodeBase64 = taken('btoa', () => '')
export const decodeBase64 = taken('atob', () => '')
export const warn = bindTo(ownConsole.warn, ownConsole)
export const logError = bindTo(ownConsole.error, ownConsole)
/** Says that a callback of the page threw, as the browser does for its own callbacks. */
export const reportThrown = taken('reportError', logError)
export const randomValues = bindTo(ownCrypto.getRandomValues, ownCrypto)

const { EventTarget, AbortSignal, MessageEvent, Event, MessagePort } = globalThis
const nothing = () => undefined
const inBrowser = typeof MessageEvent === 'function' && typeof MessagePort === 'function'
export const listen = typeof EventTarget === 'function' ? free(EventTarget.prototype.addEventListener) : nothing
export const unlisten = typeof EventTarget === 'function' ? free(EventTarget.prototype.removeEventListener) : nothing
export const isAborted = typeof AbortSignal === 'function' ? getter(AbortSignal.prototype, 'aborted') : nothing
export const messageData = inBrowser ? getter(MessageEvent.prototype, 'data') : nothing
export const messagePorts = inBrowser ? getter(MessageEvent.prototype, 'ports') : nothing
export const stopEvent = inBrowser ? free(Event.prototype.stopImmediatePropagation) : nothing
export const postToPort = inBrowser ? free(MessagePort.prototype.postMessage) : nothing
export const startPort = inBrowser ? free(MessagePort.prototype.start) : nothing
export const closePort = inBrowser ? free(MessagePort.prototype.close) : nothing

/** A member of an object's own: what a page hung on `Object.prototype` is never read. */
export const own = (/** @type {any} */ object, /** @type {string | number} */ name) =>
  hasOwn(object, name) ? object[name] : undefined

/**
 * Whether a value has members.
 * @type {(value: unknown) => value is object}
 */
export const isObject = (value) => typeof value === 'object' && value !== null

/**
 * Waits for a value that may be a promise, of whatever make.
 * @param {unknown} value
 * @param {(value: any) => void} onValue
 * @param {(error: any) => void} onError
 */
export function settle(value, onValue, onError) {
  const promise = new OwnPromise((done) => done(value))
  // Else `then` asks the promise for its class, which a page may have replaced.
  defineProperty(promise, 'constructor', { value: undefined })
  then(promise, onValue, onError)
}
