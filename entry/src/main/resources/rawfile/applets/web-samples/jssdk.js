// finapp JSSDK 0.1.0: what a web page in a mini-program's web-view calls the app with, as `ft`.
// MIT OR Apache-2.0. The functions are described in README.md, their types in jssdk.d.ts.

;(() => {
  'use strict'

  // ---- primordials.js ----

  // The built-ins that the library uses, taken when it is loaded: what a page later does to its globals changes nothing
  // here, and sees nothing. For the same reason lists are kept in maps and walked with `forEach`, arrays are only read,
  // and nothing is used that looks for an iterator.

  const { apply } = Reflect
  const { defineProperty, hasOwn, keys } = Object
  const { isArray } = Array
  const { isSafeInteger } = Number
  const { parse, stringify } = JSON
  const { isView } = ArrayBuffer
  const { Promise: OwnPromise, Map: OwnMap, TypeError: OwnTypeError } = globalThis
  const { Uint8Array: OwnUint8Array, Uint32Array: OwnUint32Array, DataView: OwnDataView } = globalThis
  const { TextEncoder: OwnTextEncoder, TextDecoder: OwnTextDecoder } = globalThis
  const toText = String

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

  const mapGet = free(Map.prototype.get)
  const mapSet = free(Map.prototype.set)
  const mapDelete = free(Map.prototype.delete)
  const mapClear = free(Map.prototype.clear)
  const mapEach = free(Map.prototype.forEach)
  const mapSize = getter(Map.prototype, 'size')

  const indexOf = free(String.prototype.indexOf)
  const startsWith = free(String.prototype.startsWith)
  const sliceText = free(String.prototype.slice)
  const trimStart = free(String.prototype.trimStart)
  const isPrototypeOf = free(Object.prototype.isPrototypeOf)
  const kindOf = free(Object.prototype.toString)
  const then = free(Promise.prototype.then)

  const typedArrayName = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  const viewBuffer = getter(Object.getPrototypeOf(Uint8Array.prototype), 'buffer')
  const viewOffset = getter(Object.getPrototypeOf(Uint8Array.prototype), 'byteOffset')
  const viewLength = getter(Object.getPrototypeOf(Uint8Array.prototype), 'byteLength')
  const dataViewBuffer = getter(DataView.prototype, 'buffer')
  const dataViewOffset = getter(DataView.prototype, 'byteOffset')
  const dataViewLength = getter(DataView.prototype, 'byteLength')
  const bufferLength = getter(ArrayBuffer.prototype, 'byteLength')
  const bufferSlice = free(ArrayBuffer.prototype.slice)
  const arrayBufferPrototype = ArrayBuffer.prototype
  const setBytes = free(Uint8Array.prototype.set)
  const subarray = free(Uint8Array.prototype.subarray)
  const getUint32 = free(DataView.prototype.getUint32)
  const setUint32 = free(DataView.prototype.setUint32)
  const encodeText = free(TextEncoder.prototype.encode)
  const decodeText = free(TextDecoder.prototype.decode)
  const { fromCharCode } = String
  const charCodeAt = free(String.prototype.charCodeAt)

  /** What a binary value can be, by the name that JavaScript gives its kind. @type {{[kind: string]: any}} */
  const viewsByKind = {
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

  const setTimer = taken('setTimeout', () => 0)
  const clearTimer = taken('clearTimeout', () => undefined)
  /** Listens to an event of the window. */
  const listenGlobally = taken('addEventListener', () => undefined)
  const soon = taken('queueMicrotask', () => undefined)
  const clone = taken('structuredClone', (/** @type {unknown} */ value) => value)
  const encodeBase64 = taken('btoa', () => '')
  const decodeBase64 = taken('atob', () => '')
  const warn = bindTo(ownConsole.warn, ownConsole)
  const logError = bindTo(ownConsole.error, ownConsole)
  /** Says that a callback of the page threw, as the browser does for its own callbacks. */
  const reportThrown = taken('reportError', logError)
  const randomValues = bindTo(ownCrypto.getRandomValues, ownCrypto)

  const { EventTarget, AbortSignal, MessageEvent, Event, MessagePort } = globalThis
  const nothing = () => undefined
  const inBrowser = typeof MessageEvent === 'function' && typeof MessagePort === 'function'
  const listen = typeof EventTarget === 'function' ? free(EventTarget.prototype.addEventListener) : nothing
  const unlisten = typeof EventTarget === 'function' ? free(EventTarget.prototype.removeEventListener) : nothing
  const isAborted = typeof AbortSignal === 'function' ? getter(AbortSignal.prototype, 'aborted') : nothing
  const messageData = inBrowser ? getter(MessageEvent.prototype, 'data') : nothing
  const messagePorts = inBrowser ? getter(MessageEvent.prototype, 'ports') : nothing
  const stopEvent = inBrowser ? free(Event.prototype.stopImmediatePropagation) : nothing
  const postToPort = inBrowser ? free(MessagePort.prototype.postMessage) : nothing
  const startPort = inBrowser ? free(MessagePort.prototype.start) : nothing
  const closePort = inBrowser ? free(MessagePort.prototype.close) : nothing

  /** A member of an object's own: what a page hung on `Object.prototype` is never read. */
  const own = (/** @type {any} */ object, /** @type {string | number} */ name) =>
    hasOwn(object, name) ? object[name] : undefined

  /**
   * Whether a value has members.
   * @type {(value: unknown) => value is object}
   */
  const isObject = (value) => typeof value === 'object' && value !== null

  /**
   * Waits for a value that may be a promise, of whatever make.
   * @param {unknown} value
   * @param {(value: any) => void} onValue
   * @param {(error: any) => void} onError
   */
  function settle(value, onValue, onError) {
    const promise = new OwnPromise((done) => done(value))
    // Else `then` asks the promise for its class, which a page may have replaced.
    defineProperty(promise, 'constructor', { value: undefined })
    then(promise, onValue, onError)
  }

  // ---- handlers.js ----

  // The functions of the page that the app calls: listeners of the platform's events, and handlers under names of the
  // page's own. What several handlers give to one call: the first value that is not `undefined`.


  /** @typedef {(data: any) => unknown} Handler */
  /** What a call into the page gave: whether anybody listens, the value, and what was thrown when there is no value. */
  /** @typedef {{ found: boolean, value?: unknown, thrown?: { error: unknown } }} Given */

  let added = 0
  /** By name, each in the order in which they were added. @type {Map<string, Map<number, Handler>>} */
  const handlersOf = new OwnMap()
  /** Those of `registNativeAPIHandler`: one for a name, and none can be taken away. @type {Map<string, Handler>} */
  const registered = new OwnMap()

  /** Whether `handler` is a function; else the console says what it should have been. */
  function checkHandler(/** @type {string} */ caller, /** @type {unknown} */ handler) {
    if (typeof handler === 'function') return true
    logError(`ft.${caller} should accept a function instead of ${handler === null ? 'null' : typeof handler}`)
    return false
  }

  /** Adds a handler; one that is added twice is called twice. */
  function addHandler(/** @type {string} */ name, /** @type {Handler} */ handler) {
    let handlers = mapGet(handlersOf, name)
    if (handlers === undefined) {
      handlers = new OwnMap()
      mapSet(handlersOf, name, handlers)
    }
    mapSet(handlers, (added += 1), handler)
  }

  /** Takes a handler away, however often it was added, or all of that name. */
  function removeHandler(/** @type {string} */ name, /** @type {Handler | undefined} */ handler) {
    const handlers = mapGet(handlersOf, name)
    if (handlers === undefined) return
    mapEach(handlers, (/** @type {Handler} */ candidate, /** @type {number} */ key) => {
      if (handler === undefined || candidate === handler) mapDelete(handlers, key)
    })
    if (mapSize(handlers) === 0) mapDelete(handlersOf, name)
  }

  /** Sets the one handler of `registNativeAPIHandler`. */
  function setHandler(/** @type {string} */ name, /** @type {Handler} */ handler) {
    mapSet(registered, name, handler)
  }

  /**
   * Calls all handlers of a name, as they stood when the call came. One that throws stops no other; its error is
   * reported as the browser reports that of any callback.
   * @param {string} name
   * @param {unknown} data
   * @returns {Given}
   */
  function callHandlers(name, data) {
    /** @type {Map<number, Handler>} */
    const standing = new OwnMap()
    const single = mapGet(registered, name)
    if (single !== undefined) mapSet(standing, 0, single)
    const several = mapGet(handlersOf, name)
    const copy = (/** @type {Handler} */ handler, /** @type {number} */ key) => mapSet(standing, key, handler)
    if (several !== undefined) mapEach(several, copy)
    const count = mapSize(standing)
    /** @type {Given} */
    const given = { found: count > 0 }
    mapEach(standing, (/** @type {Handler} */ handler) => {
      try {
        // What one handler changes in it is nobody else's business.
        const value = handler(count > 1 && isObject(data) ? clone(data) : data)
        if (given.value === undefined) given.value = value
      } catch (error) {
        reportThrown(error)
        given.thrown ??= { error }
      }
    })
    return given
  }

  // ---- order.js ----

  // What the app sends, in the order in which it sent it, and nothing that somebody else sent. A host that knows finapp's
  // extensions puts a stamp on each message: the token of this document, which other scripts cannot guess, and a number
  // that grows by one. Other hosts stamp nothing; then messages are taken as they come.


  /** How long a missing number is waited for. */
  const LONGEST_GAP = 100
  /** How many messages wait for one that is missing. */
  const MOST_HELD = 256

  /** What was not taken, and why. */
  const counters = {
    /** Answers to no open call: second, late or made up. */
    unknown: 0,
    /** Messages without the token of this document. */
    refused: 0,
    /** Messages whose number was there before, or had been given up. */
    repeated: 0,
    /** Messages that are not of the right form. */
    malformed: 0,
    /** Numbers that never came. */
    missing: 0,
  }

  /** `undefined` until the app has answered `initPage`; then its token, or `null` when it stamps nothing. */
  let stampToken = /** @type {string | null | undefined} */ (undefined)
  let expected = 1
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  /** Messages that came too early; by number, or before `initPage` is answered in the order in which they came. */
  const held = /** @type {Map<number, { stamp: unknown, act: () => unknown }>} */ (new OwnMap())
  let early = 0

  /** Begins anew, for a document that asks again. */
  function resetOrder() {
    stampToken = undefined
    expected = 1
    clearTimer(timer)
    timer = undefined
    mapClear(held)
  }

  /** Says what the app stamps its messages with, or `null` for nothing, and takes those that came before. */
  function startOrder(/** @type {string | null} */ agreed) {
    stampToken = agreed
    /** @type {typeof held} */
    const waiting = new OwnMap()
    mapEach(held, (/** @type {any} */ message, /** @type {number} */ key) => mapSet(waiting, key, message))
    mapClear(held)
    mapEach(waiting, (/** @type {any} */ { stamp, act }) => inOrder(stamp, act))
  }

  /** Whether the app stamps its messages. */
  const isStamped = () => typeof stampToken === 'string'

  /**
   * Acts on a message when its turn has come.
   * @param {unknown} stamp
   * @param {() => unknown} act
   * @returns {unknown} what `act` gives, if it was called at once
   */
  function inOrder(stamp, act) {
    if (stampToken === undefined && isObject(stamp)) {
      hold((early += 1), stamp, act)
      return undefined
    }
    if (typeof stampToken !== 'string') return act()
    if (!isObject(stamp) || own(stamp, 'token') !== stampToken) {
      counters.refused += 1
      return undefined
    }
    const number = own(stamp, 'seq')
    if (!isSafeInteger(number) || number < 0) {
      counters.malformed += 1
      return undefined
    }
    if (number < expected || mapGet(held, number) !== undefined) {
      counters.repeated += 1
      return undefined
    }
    if (number > expected) {
      hold(number, stamp, act)
      if (timer === undefined) timer = setTimer(skipGap, LONGEST_GAP)
      return undefined
    }
    expected += 1
    try {
      return act()
    } finally {
      takeHeld()
    }
  }

  function hold(/** @type {number} */ key, /** @type {unknown} */ stamp, /** @type {() => unknown} */ act) {
    if (mapSize(held) < MOST_HELD) mapSet(held, key, { stamp, act })
    else counters.refused += 1
  }

  function takeHeld() {
    for (let next = mapGet(held, expected); next !== undefined; next = mapGet(held, expected)) {
      mapDelete(held, expected)
      expected += 1
      next.act()
    }
    if (mapSize(held) > 0) return
    clearTimer(timer)
    timer = undefined
  }

  /** Goes on with the lowest number there is. */
  function skipGap() {
    timer = undefined
    let lowest = Infinity
    mapEach(held, (/** @type {unknown} */ _, /** @type {number} */ key) => {
      if (key < lowest) lowest = key
    })
    if (lowest === Infinity) return
    counters.missing += lowest - expected
    expected = lowest
    takeHeld()
    if (mapSize(held) > 0) timer = setTimer(skipGap, LONGEST_GAP)
  }

  // ---- binary.js ----

  // What a page sends, as JSON text with its binaries beside it: `ArrayBuffer`, typed arrays and `DataView`. Where the
  // channel takes bytes, one message holds both; where it takes text alone, members of the root go as base64.


  /**
   * A binary: the JSON text of the steps to its place, its kind, and a copy of its bytes. In the text its place holds
   * null.
   * @typedef {{ path: string, kind: string, bytes: Uint8Array }} Binary
   * @typedef {{ text: string, binaries: Map<number, Binary> }} Body
   */

  /** The bytes of a binary value, copied; nothing for other values. @returns {Omit<Binary, 'path'> | undefined} */
  function binaryOf(/** @type {object} */ value) {
    if (isView(value)) {
      const name = typedArrayName(value)
      const bytes =
        name === undefined
          ? bufferSlice(dataViewBuffer(value), dataViewOffset(value), dataViewOffset(value) + dataViewLength(value))
          : bufferSlice(viewBuffer(value), viewOffset(value), viewOffset(value) + viewLength(value))
      return { kind: name ?? 'DataView', bytes: new OwnUint8Array(bytes) }
    }
    if (!isPrototypeOf(arrayBufferPrototype, value)) return undefined
    return { kind: 'ArrayBuffer', bytes: new OwnUint8Array(bufferSlice(value, 0)) }
  }

  /**
   * A value as it will travel. Without a value, or with one that JSON leaves out, there is no body.
   * @param {unknown} value
   * @returns {Body | undefined}
   * @throws when the value has a circle, a BigInt, or a `toJSON` that throws
   */
  function encode(value) {
    /** @type {Map<number, Binary>} */
    const binaries = new OwnMap()
    /** Where each object stands that was entered. @type {Map<object, string>} */
    const places = new OwnMap()
    let isRoot = true
    /** @this {object} */
    function replace(/** @type {string} */ key, /** @type {unknown} */ item) {
      if (!isObject(item)) {
        isRoot = false
        return item
      }
      const above = isRoot ? '' : mapGet(places, this)
      const step = isArray(this) ? key : stringify(key)
      const path = isRoot ? '' : above === '' ? step : `${above},${step}`
      isRoot = false
      const binary = binaryOf(item)
      if (binary === undefined) {
        mapSet(places, item, path)
        return item
      }
      mapSet(binaries, mapSize(binaries), { path, kind: binary.kind, bytes: binary.bytes })
      return null
    }
    const text = stringify(value, replace)
    return text === undefined ? undefined : { text, binaries }
  }

  /** Text in which each character is a byte, as those bytes. */
  function bytesOfText(/** @type {string} */ text) {
    const bytes = new OwnUint8Array(text.length)
    for (let index = 0; index < text.length; index += 1) bytes[index] = charCodeAt(text, index)
    return viewBuffer(bytes)
  }

  function base64Of(/** @type {Uint8Array} */ bytes) {
    let text = ''
    const length = viewLength(bytes)
    // More arguments than this are too many for one call.
    for (let from = 0; from < length; from += 8192)
      text += apply(fromCharCode, undefined, subarray(bytes, from, from + 8192))
    return encodeBase64(text)
  }

  /**
   * The body for a channel that takes text alone, or nothing when a binary stands deeper than a member of the root.
   * @param {Body} body
   * @returns {string | undefined}
   */
  function asText({ text, binaries }) {
    if (mapSize(binaries) === 0) return text
    let list = ''
    let fits = true
    mapEach(binaries, (/** @type {Binary} */ { path, bytes }) => {
      // One step that is a name: JSON text with no quote but the first and the last.
      if (path[0] !== '"' || indexOf(path, ',') >= 0 || text[0] !== '{') fits = false
      list += `${list === '' ? '' : ','}{"key":${path},"base64":"${base64Of(bytes)}"}`
    })
    return fits ? `${sliceText(text, 0, -1)},"__nativeBuffers__":[${list}]}` : undefined
  }

  /**
   * One message with text and binaries: four bytes with the length of the head, the head as JSON in UTF-8, then the
   * bytes of each binary in the order in which the head lists them.
   * @param {string} head the members of the head but `binaries`, as JSON text without its braces
   * @param {Body} body
   * @returns {ArrayBuffer}
   */
  function pack(head, { binaries }) {
    let list = ''
    let total = 0
    mapEach(binaries, (/** @type {Binary} */ { path, kind, bytes }) => {
      const length = viewLength(bytes)
      list += `${list === '' ? '' : ','}{"path":[${path}],"kind":"${kind}","length":${length}}`
      total += length
    })
    const first = encodeText(new OwnTextEncoder(), `{${head},"binaries":[${list}]}`)
    const start = 4 + viewLength(first)
    const frame = new OwnUint8Array(start + total)
    setUint32(new OwnDataView(viewBuffer(frame)), 0, viewLength(first))
    setBytes(frame, first, 4)
    let at = start
    mapEach(binaries, (/** @type {Binary} */ { bytes }) => {
      setBytes(frame, bytes, at)
      at += viewLength(bytes)
    })
    return viewBuffer(frame)
  }

  /** Whether a value is an `ArrayBuffer` of this realm. */
  const isBuffer = (/** @type {unknown} */ value) => isObject(value) && isPrototypeOf(arrayBufferPrototype, value)

  /**
   * The head of a message, with its binaries put into the member that `rootOf` names.
   * @param {ArrayBuffer} frame
   * @param {(head: object) => string} rootOf
   * @returns {{[member: string]: any}}
   * @throws when the message is not what `pack` makes
   */
  function unpack(frame, rootOf) {
    const length = getUint32(new OwnDataView(frame), 0)
    const text = decodeText(new OwnTextDecoder('utf-8', { fatal: true }), new OwnUint8Array(frame, 4, length))
    const head = parse(text)
    const list = own(head, 'binaries')
    const root = rootOf(head)
    if (!isArray(list)) throw new OwnTypeError('the binaries are no list')
    let at = 4 + length
    for (let index = 0; index < list.length; index += 1) {
      const { path, kind, length: bytes } = list[index]
      if (!isSafeInteger(bytes) || bytes < 0 || at + bytes > bufferLength(frame))
        throw new OwnTypeError('a binary is cut off')
      place(head, root, path, valueOf(kind, bufferSlice(frame, at, at + bytes)))
      at += bytes
    }
    return head
  }

  function valueOf(/** @type {string} */ kind, /** @type {ArrayBuffer} */ bytes) {
    if (kind === 'ArrayBuffer') return bytes
    const View = own(viewsByKind, kind)
    if (View === undefined) throw new OwnTypeError('a binary is of no known kind')
    return new View(bytes)
  }

  /**
   * Puts a value at a place that holds null.
   * @param {any} head
   * @param {string} root
   * @param {Array<string | number>} path
   * @param {unknown} value
   */
  function place(head, root, path, value) {
    let holder = head
    let key = /** @type {string | number} */ (root)
    if (!isArray(path)) throw new OwnTypeError('a place is no list')
    for (let step = 0; step < path.length; step += 1) {
      holder = own(holder, key)
      key = path[step]
    }
    if (!isObject(holder) || !hasOwn(holder, key) || own(holder, key) !== null)
      throw new OwnTypeError('a binary has no place')
    defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
  }

  // ---- outcome.js ----

  // How a call ends: the texts and codes of failures that the library itself reports, and what an answer of the host
  // means.


  /** The numbers of finapp's one table of errors that can arise in a page. */
  const CODE = {
    parameter: 10001,
    badRequest: 20001,
    serialize: 20004,
    denied: 20005,
    notFound: 20006,
    busy: 20007,
    unsupported: 20009,
    handler: 20010,
    handlerResult: 20011,
    closed: 20017,
    pageGone: 20018,
    cancelled: 20020,
  }

  /**
   * @typedef {{ errMsg: string, errCode?: number, [member: string]: unknown }} Result what callbacks and promises get
   * @typedef {{ failed: boolean, result: Result }} Outcome
   */

  /**
   * A failure that the library reports.
   * @param {string} name of the API
   * @param {number} errCode
   * @param {string} text
   * @returns {Outcome}
   */
  const failure = (name, errCode, text) => ({ failed: true, result: { errMsg: `${name}:fail ${text}`, errCode } })

  /** JSON text as a value, and `undefined` for what is none. */
  const parsed = (/** @type {string} */ text) => {
    try {
      return parse(text)
    } catch {
      return undefined
    }
  }

  /**
   * What an answer of the host means. Success or failure is what `errMsg` says behind its colon; a text without our name
   * in front counts too, as does FinClip's `name:cancel`, which callers see as `name:fail cancel`.
   * @param {string} name of the API
   * @param {unknown} answer
   * @returns {Outcome}
   */
  function judge(name, answer) {
    // Older hosts hand over text.
    const given = typeof answer === 'string' ? parsed(answer) : answer
    if (!isObject(given) || isArray(given)) return failure(name, CODE.badRequest, 'the answer is not an object')
    const said = own(given, 'errMsg') || `${name}:ok`
    if (typeof said !== 'string') return failure(name, CODE.badRequest, 'the answer has an errMsg that is no text')
    const colon = indexOf(said, ':')
    const verdict = trimStart(sliceText(said, colon + 1))
    const cancelled = startsWith(verdict, 'cancel')
    const errMsg = cancelled ? `${sliceText(said, 0, colon + 1) || `${name}:`}fail ${verdict}` : said
    const result = { ...given, errMsg }
    restoreBuffers(result)
    return { failed: cancelled || startsWith(verdict, 'fail'), result }
  }

  /**
   * Binary members that came as base64, under the name that FinClip's and WeChat's libraries use.
   * @param {{[member: string]: any}} result
   */
  function restoreBuffers(result) {
    const list = own(result, '__nativeBuffers__')
    if (!isArray(list)) return
    delete result.__nativeBuffers__
    for (let index = 0; index < list.length; index += 1) {
      const entry = list[index]
      if (!isObject(entry)) continue
      const { key, base64 } = /** @type {any} */ (entry)
      if (typeof key !== 'string' || typeof base64 !== 'string') continue
      try {
        const value = bytesOfText(decodeBase64(base64))
        defineProperty(result, key, { value, writable: true, enumerable: true, configurable: true })
      } catch {
        // What is no base64 stays away; the other members are good.
      }
    }
  }

  // ---- calls.js ----

  // The calls that wait for their answer. Each ends once: a second or late answer finds nothing.


  /**
   * @typedef {object} Call
   * @property {string} name of the API
   * @property {number} [id] on the wire, once it has been sent
   * @property {boolean} [ended]
   * @property {(outcome: import('./outcome.js').Outcome) => void} deliver gives the caller the end
   */

  /** By their ids. @type {Map<number, Call>} */
  const calls = new OwnMap()

  /** Notes that a call has been sent. */
  function openCall(/** @type {number} */ id, /** @type {Call} */ call) {
    call.id = id
    mapSet(calls, id, call)
  }

  /** Ends a call, unless it has ended. @returns {boolean} whether it had not */
  function endCall(/** @type {Call} */ call, /** @type {import('./outcome.js').Outcome} */ outcome) {
    if (call.ended) return false
    call.ended = true
    if (call.id !== undefined) mapDelete(calls, call.id)
    call.deliver(outcome)
    return true
  }

  /** The same, when the code of the caller has returned: callbacks never run inside the call itself. */
  function endCallSoon(/** @type {Call} */ call, /** @type {import('./outcome.js').Outcome} */ outcome) {
    soon(() => endCall(call, outcome))
  }

  /** Ends the call that an answer is for. @returns {boolean} whether there is one */
  function answerCall(/** @type {number} */ id, /** @type {unknown} */ answer) {
    const call = mapGet(calls, id)
    return call !== undefined && endCall(call, judge(call.name, answer))
  }

  /** Ends all calls, because nobody will answer them any more. */
  function endCalls(/** @type {number} */ code, /** @type {string} */ text) {
    /** @type {Map<number, Call>} */
    const ending = new OwnMap()
    mapEach(calls, (/** @type {Call} */ call, /** @type {number} */ id) => mapSet(ending, id, call))
    mapClear(calls)
    mapEach(ending, (/** @type {Call} */ call) => endCall(call, failure(call.name, code, text)))
  }

  // ---- native.js ----

  // Finding the object through which a page reaches the app. In a mini-program it is there before the page's scripts run;
  // a host that brings it later is waited for, for a short and fixed time.


  /** How long it is waited for between one look and the next: 2.55 seconds in all. */
  const FIRST_WAIT = 10
  const LAST_WAIT = 1280

  /**
   * Sends one message of the page. What it gives is `undefined` when the answer follows.
   * @typedef {(name: string, params: string, id: number) => unknown} Send
   */

  /** Whether this document is in a frame: the app answers the page alone, so a frame would wait for ever. */
  const isFramed = () => {
    const { top } = /** @type {any} */ (globalThis)
    return top !== undefined && top !== globalThis
  }

  /**
   * The way to the app, if there is one. Its function is taken once, so what a script does to the object later changes
   * nothing.
   * @returns {Send | undefined}
   */
  function findNative() {
    const scope = /** @type {any} */ (globalThis)
    const core = scope.FinChatJSCore
    const method = core?.webInvokeHandler
    if (typeof method === 'function') return (name, params, id) => apply(method, core, [name, params, id])
    // FinClip's host on iOS.
    const handler = scope.webkit?.messageHandlers?.webInvokeHandler
    const post = handler?.postMessage
    if (typeof post !== 'function') return undefined
    return (name, params, id) => apply(post, handler, [{ C: name, paramsString: params, callbackId: id }])
  }

  /**
   * Looks a few times more, with growing waits, until `look` has found it.
   * @param {() => boolean} look
   * @param {() => void} giveUp
   */
  function waitForNative(look, giveUp) {
    const wait = (/** @type {number} */ delay) =>
      setTimer(() => {
        if (look()) return
        if (delay < LAST_WAIT) wait(delay * 2)
        else giveUp()
      }, delay)
    wait(FIRST_WAIT)
  }

  // ---- port.js ----

  // The channel for binaries: a message port that the app hands to the page, once both have agreed on it. Its name has
  // the token of the document in it, and no other script gets to see the message.


  /** @type {MessagePort | undefined} */
  let port

  /**
   * Takes the port when it comes, for as long as the document lives.
   * @param {() => string | undefined} expectedName what the app says with it; nothing while none is agreed on
   * @param {(message: {[member: string]: any}) => void} receive
   */
  function awaitPort(expectedName, receive) {
    listenGlobally(
      'message',
      (/** @type {MessageEvent} */ event) => {
        const name = expectedName()
        if (name === undefined || messageData(event) !== name) return
        stopEvent(event)
        const offered = messagePorts(event)
        if (port !== undefined || offered.length !== 1) {
          counters.refused += 1
          return
        }
        const taken = /** @type {MessagePort} */ (offered[0])
        port = taken
        listen(taken, 'message', (/** @type {MessageEvent} */ message) => {
          // What an earlier port still brings belongs to an earlier agreement.
          if (port === taken) open(messageData(message), receive)
        })
        startPort(taken)
      },
      true,
    )
  }

  /** Whether binaries can travel as bytes. */
  const hasPort = () => port !== undefined

  /** Sends one message. */
  const postFrame = (/** @type {ArrayBuffer} */ frame) => postToPort(port, frame)

  /** Gives the port up. */
  function dropPort() {
    if (port !== undefined) closePort(port)
    port = undefined
  }

  function open(/** @type {unknown} */ frame, /** @type {(message: {[member: string]: any}) => void} */ receive) {
    let message
    try {
      if (!isBuffer(frame)) throw new OwnTypeError('a message of the port is no ArrayBuffer')
      message = unpack(/** @type {ArrayBuffer} */ (frame), (head) => ('result' in head ? 'result' : 'data'))
    } catch {
      counters.malformed += 1
      return
    }
    receive(message)
  }

  // ---- session.js ----

  // The page's side of the transport: one session for a document, begun with `initPage`. Calls go out numbered without a
  // gap, from a first number that nobody can guess, so that the app can put them in order. Extensions are used only after
  // the app has offered them in its answer to `initPage`.


  /** @typedef {import('./calls.js').Call} Call */
  /** @typedef {import('./binary.js').Body} Body */

  /** How many calls wait for the app's object to appear. */
  const MOST_WAITING = 256
  /** The version of the extensions that this library speaks. */
  const VERSION_OF_EXTENSIONS = 1
  const KNOWN_FEATURES = 'reply,cancel,binary'

  /** @type {'waiting' | 'open' | 'absent' | 'framed'} */
  let phase = 'waiting'
  /** @type {import('./native.js').Send | undefined} */
  let send
  let nextId = 0
  /** The number of `initPage` while that is not answered. */
  let helloId = 0
  let isGreeted = false
  /** Grows when the document begins anew; what belongs to an earlier epoch is over. */
  let epoch = 0
  let pageId = /** @type {number | undefined} */ (undefined)
  let token = /** @type {string | undefined} */ (undefined)
  /** Extensions that both sides know, as text with a comma around each. */
  let agreed = ''

  /** Calls of a page whose app is not there yet. @type {Map<number, { name: string, body: Body, call: Call }>} */
  const queue = new OwnMap()
  /** Who wants to know whether there is an app. @type {Map<number, (inApp: boolean) => void>} */
  const decided = new OwnMap()
  /** Who wants to know the page's number. @type {Map<number, () => void>} */
  const greeted = new OwnMap()

  /** Looks for the app. It is called once, when the library is loaded. */
  function startSession(/** @type {(message: {[member: string]: any}) => void} */ receive) {
    if (isFramed()) {
      phase = 'framed'
      return
    }
    awaitPort(() => (has('binary') ? `finapp.port.${token}` : undefined), receive)
    // A document that comes back from the browser's memory: to the app it is a new one.
    listenGlobally('pageshow', (/** @type {PageTransitionEvent} */ event) => {
      if (event.persisted && phase === 'open') begin()
    })
    if (!look()) waitForNative(look, giveUp)
  }

  function look() {
    if (phase === 'open') return true
    send = findNative()
    if (send === undefined) return false
    phase = 'open'
    const scope = /** @type {any} */ (globalThis)
    scope.__fcjs_environment ??= 'miniprogram'
    begin()
    // Before anybody is told, who may call at once: what waited goes first.
    mapEach(queue, (/** @type {any} */ { name, body, call }) => {
      if (!call.ended) transmit(name, body, call)
    })
    mapClear(queue)
    tell(true)
    return true
  }

  function giveUp() {
    if (phase !== 'waiting') return
    phase = 'absent'
    tell(false)
    greet()
    mapEach(queue, (/** @type {any} */ { call }) => endCall(call, absent(call.name)))
    mapClear(queue)
  }

  function tell(/** @type {boolean} */ inApp) {
    mapEach(decided, (/** @type {(inApp: boolean) => void} */ hear) => hear(inApp))
    mapClear(decided)
  }

  const absent = (/** @type {string} */ name) => failure(name, CODE.unsupported, 'not in a mini-program')

  /** Asks for the page's number. What was open before ends: the app does not know it any more. */
  function begin() {
    epoch += 1
    endCalls(CODE.pageGone, 'page is gone')
    resetOrder()
    dropPort()
    pageId = token = undefined
    agreed = ''
    isGreeted = false
    const random = new OwnUint32Array(1)
    randomValues(random)
    // Hosts keep it in 32 bits with a sign; there is room for a thousand million calls above it.
    helloId = 1 + /** @type {number} */ (random[0] >>> 2)
    nextId = helloId + 1
    post('initPage', '{}', helloId)
  }

  function post(/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ id) {
    let given
    try {
      given = /** @type {import('./native.js').Send} */ (send)(name, text, id)
    } catch {
      given = unavailable(name)
    }
    returned(id, name, given)
  }

  const unavailable = (/** @type {string} */ name) => failure(name, CODE.closed, 'host unavailable').result

  /** Sends a call, or keeps it until there is an app. */
  function submit(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call} */ call) {
    // Whether the app's object has come by now.
    if (phase === 'waiting' || phase === 'absent') look()
    if (phase === 'open') transmit(name, body, call)
    else if (phase === 'framed')
      endCallSoon(call, failure(name, CODE.denied, 'only the page itself may call, not a frame in it'))
    else if (phase === 'absent') endCallSoon(call, absent(name))
    else if (mapSize(queue) < MOST_WAITING) mapSet(queue, mapSize(queue), { name, body, call })
    else endCallSoon(call, failure(name, CODE.busy, 'too many calls wait for the app'))
  }

  function transmit(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call} */ call) {
    if (!put(name, body, call)) {
      endCallSoon(call, failure(name, CODE.unsupported, 'this app takes binary data only as members of the parameters'))
    }
  }

  /** Sends a message that has no answer. @returns {boolean} whether it can be sent */
  const notify = (/** @type {string} */ name, /** @type {Body} */ body) => put(name, body, undefined)

  function put(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call | undefined} */ call) {
    const asBytes = mapSize(body.binaries) > 0 && hasPort()
    const text = asBytes ? body.text : asText(body)
    if (text === undefined) return false
    // Only what is sent takes a number: the app waits for one that is missing.
    const id = nextId
    nextId += 1
    if (call !== undefined) openCall(id, call)
    if (asBytes) postFrame(pack(`"type":"call","name":${stringify(name)},"id":${id},"data":${text}`, body))
    else post(name, text, id)
    return true
  }

  /** Tells the app that nobody waits for a call any more. */
  function tellCancelled(/** @type {Call} */ call) {
    if (call.id === undefined || !has('cancel')) return
    notify('finapp.cancel', { text: `{"id":${call.id}}`, binaries: new OwnMap() })
  }

  /** What the app's function gave: an answer at once, as text or as an object; or nothing, when the answer follows. */
  function returned(/** @type {number} */ id, /** @type {string} */ name, /** @type {unknown} */ given) {
    const mine = epoch
    const later = (/** @type {unknown} */ value) => {
      if (mine === epoch) deliver(id, value, undefined)
    }
    if (typeof given === 'string') {
      const value = parsed(given)
      if (isObject(value) || (id === helloId && typeof value === 'number')) soon(() => later(value))
    } else if (isObject(given) && typeof (/** @type {any} */ (given).then) === 'function') {
      settle(
        given,
        (value) => mine === epoch && returned(id, name, value),
        () => later(unavailable(name)),
      )
    } else if (isObject(given) || (id === helloId && typeof given === 'number')) {
      soon(() => later(given))
    }
  }

  /** Takes an answer of the app: `FinChatJSBridge.webInvokeCallbackHandler`. */
  function onAnswer(/** @type {unknown} */ given, /** @type {unknown} */ answer, /** @type {unknown} */ stamp) {
    const id = typeof given === 'string' && `${+given}` === given ? +given : /** @type {number} */ (given)
    if (!isSafeInteger(id) || id <= 0) {
      counters.malformed += 1
      return
    }
    // Its stamp is the offer itself, so no token is known before.
    if (id === helloId) deliver(helloId, answer, stamp)
    else inOrder(stamp, () => deliver(id, answer, stamp))
  }

  function deliver(/** @type {number} */ id, /** @type {unknown} */ answer, /** @type {unknown} */ stamp) {
    if (id === helloId) welcome(answer, stamp)
    else if (!answerCall(id, answer)) counters.unknown += 1
  }

  /** The answer to `initPage`: the page's number, and beside it what the app offers. FinClip's hosts offer nothing. */
  function welcome(/** @type {unknown} */ answer, /** @type {unknown} */ offer) {
    helloId = 0
    const number = typeof answer === 'string' ? +answer : answer
    if (isSafeInteger(number)) pageId = /** @type {number} */ (number)
    const accepted = isObject(offer) && own(offer, 'version') === VERSION_OF_EXTENSIONS ? own(offer, 'token') : undefined
    if (typeof accepted === 'string' && accepted.length >= 16 && accepted.length <= 128) {
      token = accepted
      agreed = common(own(/** @type {object} */ (offer), 'features'))
      // Both sides begin with the message after this one.
      const text = `{"version":${VERSION_OF_EXTENSIONS},"token":${stringify(token)},"features":${listOf(agreed)}}`
      notify('finapp.accept', { text, binaries: new OwnMap() })
      startOrder(token)
    } else {
      startOrder(null)
    }
    isGreeted = true
    greet()
  }

  function greet() {
    mapEach(greeted, (/** @type {() => void} */ hear) => hear())
    mapClear(greeted)
  }

  const has = (/** @type {string} */ feature) => indexOf(agreed, `,${feature},`) >= 0

  /** Whether the app wants answers of handlers as messages. */
  const sendsReplies = () => isStamped() && has('reply')

  function common(/** @type {unknown} */ offered) {
    let both = ','
    if (!isArray(offered)) return both
    for (let index = 0; index < offered.length && index < 32; index += 1) {
      const feature = own(offered, index)
      if (typeof feature === 'string' && indexOf(`,${KNOWN_FEATURES},`, `,${feature},`) >= 0) both += `${feature},`
    }
    return both
  }

  /** Names between commas as a JSON array. */
  function listOf(/** @type {string} */ names) {
    let list = ''
    let from = 1
    for (let to = indexOf(names, ',', from); to >= 0; to = indexOf(names, ',', from)) {
      list += `${list === '' ? '' : ','}${stringify(sliceText(names, from, to))}`
      from = to + 1
    }
    return `[${list}]`
  }

  /** Which epoch this is: for work that may not outlive it. */
  const currentEpoch = () => epoch

  /** Calls `hear` once it is known whether the page is in a mini-program. */
  function whenDecided(/** @type {(inApp: boolean) => void} */ hear) {
    if (phase === 'waiting') look()
    if (phase === 'waiting') mapSet(decided, mapSize(decided), hear)
    else soon(() => hear(phase === 'open'))
  }

  /** Calls `hear` once `initPage` has been answered, with the page's number; with none when there is no app. */
  function whenGreeted(/** @type {(pageId: number | undefined) => void} */ hear) {
    if (phase === 'waiting') look()
    if (isGreeted || phase === 'absent' || phase === 'framed') soon(() => hear(pageId))
    else mapSet(greeted, mapSize(greeted), () => hear(pageId))
  }

  // ---- request.js ----

  // One call of an API, from the options of the caller to its callbacks or its promise.


  /** @typedef {import('./outcome.js').Outcome} Outcome */
  /** @typedef {import('./outcome.js').Result} Result */
  /** @typedef {(outcome: Outcome) => void} Deliver */

  /** Calls a callback of the page. One that throws keeps no other from being called. */
  function callBack(/** @type {unknown} */ callback, /** @type {unknown} */ value) {
    if (typeof callback !== 'function') return
    try {
      callback(value)
    } catch (error) {
      reportThrown(error)
    }
  }

  /** A promise of the result, and what settles it. @returns {{ promise: Promise<Result>, deliver: Deliver }} */
  function promised() {
    /** @type {any} */
    let settleIt
    const promise = /** @type {Promise<Result>} */ (
      new OwnPromise((resolve, reject) => {
        settleIt = (/** @type {Outcome} */ { failed, result }) => (failed ? reject(result) : resolve(result))
      })
    )
    return { promise, deliver: settleIt }
  }

  /** For calls that are made without looking at what becomes of them: their failure is no error of the page. */
  function unheeded(/** @type {Promise<Result> | undefined} */ promise) {
    if (promise !== undefined) then(promise, undefined, () => undefined)
    return promise
  }

  /**
   * Calls an API with the options that mini-programs know: `success` or `fail`, then `complete`; a promise when none of
   * the three is given. `signal` gives the call up.
   * @param {string} name
   * @param {any} options
   * @returns {Promise<Result> | undefined}
   */
  function callWithOptions(name, options) {
    const wrong = misfit(options)
    if (wrong !== undefined || options === undefined || options === null) return callPromised(name, options, undefined)
    const { success, fail, complete, ...params } = options
    const signal = isSignal(params.signal) ? params.signal : undefined
    if (signal !== undefined) delete params.signal
    if (typeof success !== 'function' && typeof fail !== 'function' && typeof complete !== 'function') {
      return callPromised(name, params, signal)
    }
    call(name, params, signal, ({ failed, result }) => {
      callBack(failed ? fail : success, result)
      callBack(complete, result)
    })
    return undefined
  }

  /** Calls an API for a promise. @returns {Promise<Result>} */
  function callPromised(/** @type {string} */ name, /** @type {unknown} */ params, /** @type {unknown} */ signal) {
    const { promise, deliver } = promised()
    call(name, params, signal, deliver)
    return promise
  }

  /**
   * Calls an API.
   * @param {string} name
   * @param {unknown} params nothing is the same as an empty object
   * @param {unknown} signal an `AbortSignal`
   * @param {Deliver} deliver
   */
  function call(name, params, signal, deliver) {
    /** @type {import('./calls.js').Call} */
    const call = { name, deliver }
    const wrong = misfit(params)
    if (wrong !== undefined) {
      endCallSoon(call, failure(name, CODE.parameter, `parameter error: ${wrong}`))
      return
    }
    let body
    try {
      body = encode(params ?? {})
    } catch {
      body = undefined
    }
    // Something that is none of JSON's kinds may also hide behind a `toJSON`.
    if (body === undefined || body.text[0] !== '{') {
      endCallSoon(call, failure(name, CODE.serialize, 'the parameters cannot be sent'))
      return
    }
    if (isSignal(signal) && !watch(call, signal)) return
    submit(name, body, call)
  }

  /** What is wrong with parameters that are no object. */
  function misfit(/** @type {unknown} */ params) {
    if (params === undefined || params === null || (isObject(params) && !isArray(params))) return undefined
    return `parameter should be Object instead of ${sliceText(kindOf(params), 8, -1)};`
  }

  /** Whether a value is an `AbortSignal`; an API may have a parameter of that name. @returns {value is AbortSignal} */
  function isSignal(/** @type {unknown} */ value) {
    try {
      return typeof isAborted(value) === 'boolean'
    } catch {
      return false
    }
  }

  /** Gives a call up when its signal says so. @returns {boolean} whether it goes on */
  function watch(/** @type {import('./calls.js').Call} */ call, /** @type {AbortSignal} */ signal) {
    const cancelled = failure(call.name, CODE.cancelled, 'cancel')
    if (isAborted(signal)) {
      endCallSoon(call, cancelled)
      return false
    }
    const { deliver } = call
    const abort = () => {
      if (endCall(call, cancelled)) tellCancelled(call)
    }
    call.deliver = (outcome) => {
      unlisten(signal, 'abort', abort)
      deliver(outcome)
    }
    listen(signal, 'abort', abort)
    return true
  }

  // ---- functions.js ----

  // The functions of `ft`, in the order of the interface table. Names on the wire are the last part of a function's
  // name; a host that knows another name for one gets it here.


  /** @typedef {(...given: any[]) => any} ApiFunction */

  /** The interface that the functions have, as `getEnv` tells it: pages compare it. */
  const INTERFACE_VERSION = '1.4.20'

  /** What the transport itself is called by. */
  const isReserved = (/** @type {string} */ name) => name === 'initPage' || startsWith(name, 'finapp.')

  /** Takes options with callbacks. */
  const withOptions = (/** @type {string} */ name) => (/** @type {unknown} */ options) => callWithOptions(name, options)

  /** Sends its whole argument; a member named `success` is data. */
  const message = (/** @type {string} */ name) => (/** @type {unknown} */ data) =>
    unheeded(callPromised(name, data, undefined))

  /** Takes nothing but, if the page likes, callbacks. */
  const bare = (/** @type {string} */ name) => (/** @type {unknown} */ options) =>
    unheeded(callWithOptions(name, options))

  /** Listens to an event of the platform. */
  const listener = (/** @type {string} */ name) => (/** @type {any} */ callback) => {
    if (checkHandler(`miniProgram.${name}`, callback)) addHandler(name, callback)
  }

  /** Gives a result to a callback, or as a promise when there is none. */
  function answered(
    /** @type {unknown} */ callback,
    /** @type {(deliver: (outcome: import('./outcome.js').Outcome) => void) => void} */ begin,
  ) {
    if (typeof callback === 'function') {
      begin(({ result }) => callBack(callback, result))
      return undefined
    }
    const { promise, deliver } = promised()
    begin(deliver)
    return promise
  }

  const OPTIONS_OF_MINI_PROGRAM = {
    navigateTo: 1,
    navigateBack: 1,
    switchTab: 1,
    redirectTo: 1,
    reLaunch: 1,
    navigateToMiniProgram: 1,
    navigateBackMiniProgram: 1,
    // Documented samples write these two here as well.
    getAppletInfo: 1,
    getLocalImgData: 1,
  }

  const OPTIONS_OF_FT = {
    downloadFile: 1,
    getAppletInfo: 1,
    openDocument: 1,
    chooseImage: 1,
    getLocalImgData: 1,
    chooseLocation: 1,
    getLocation: 1,
    getStorage: 1,
    setStorage: 1,
    removeStorage: 1,
    clearStorage: 1,
    getStorageInfo: 1,
    canGoBack: 1,
    canNavigateBack: 1,
    setNavigationBarTitle: 1,
    request: 1,
  }

  /** `ft.miniProgram`. @returns {{[name: string]: ApiFunction}} */
  function miniProgram() {
    return {
      ...each(OPTIONS_OF_MINI_PROGRAM, withOptions),
      postMessage: message('postMessage'),
      getEnv: (/** @type {unknown} */ callback) =>
        answered(callback, (deliver) =>
          whenDecided((inApp) => {
            const env = inApp ? 'miniprogram' : {}
            deliver({ failed: false, result: { env, version: INTERFACE_VERSION, errMsg: 'getEnv:ok' } })
          }),
        ),
      close: bare('close'),
      onShow: listener('onShow'),
      onHide: listener('onHide'),
      onUnload: listener('onUnload'),
      onWebviewEvent: listener('onWebviewEvent'),
      offWebviewEvent: (/** @type {any} */ callback) => removeHandler('onWebviewEvent', callback),
      sendWebviewEvent: message('sendWebviewEvent'),
    }
  }

  function callNativeAPI(
    /** @type {string} */ name,
    /** @type {unknown} */ data,
    /** @type {any} */ callback,
    /** @type {any} */ options,
  ) {
    const signal = (typeof callback === 'function' ? options : callback)?.signal
    return answered(callback, (deliver) => {
      if (typeof name === 'string' && name !== '' && !isReserved(name)) {
        call(name, data, signal, deliver)
        return
      }
      const wrong = failure('callNativeAPI', CODE.parameter, 'parameter error: the name of an API was expected')
      soon(() => deliver(wrong))
    })
  }

  function isName(/** @type {string} */ caller, /** @type {unknown} */ name) {
    if (typeof name === 'string' && name !== '') return true
    logError(`ft.${caller} should be given a name`)
    return false
  }

  /** All of `ft`. @returns {{[name: string]: any}} */
  const makeFunctions = () => ({
    miniProgram: miniProgram(),
    ...each(OPTIONS_OF_FT, withOptions),
    callNativeAPI,
    registNativeAPIHandler(/** @type {string} */ name, /** @type {any} */ callback) {
      if (isName('registNativeAPIHandler', name) && checkHandler('registNativeAPIHandler', callback))
        setHandler(name, callback)
    },
    complete: bare('complete'),
    onNativeAPIHandler(/** @type {string} */ name, /** @type {any} */ callback) {
      if (isName('onNativeAPIHandler', name) && checkHandler('onNativeAPIHandler', callback)) addHandler(name, callback)
    },
    offNativeAPIHandler(/** @type {string} */ name, /** @type {any} */ callback) {
      if (isName('offNativeAPIHandler', name)) removeHandler(name, callback)
    },
    ready: (/** @type {unknown} */ callback) =>
      answered(callback, (deliver) =>
        whenGreeted((pageId) => {
          if (pageId === undefined) deliver(failure('ready', CODE.unsupported, 'no app has given the page a number'))
          else deliver({ failed: false, result: { pageId, errMsg: 'ready:ok' } })
        }),
      ),
    counters: () => ({ ...counters }),
  })

  /** A function for each name of a table. */
  function each(/** @type {object} */ table, /** @type {(name: string) => ApiFunction} */ make) {
    /** @type {{[name: string]: ApiFunction}} */
    const functions = {}
    const names = keys(table)
    for (let index = 0; index < names.length; index += 1) {
      const name = /** @type {string} */ (names[index])
      functions[name] = make(name)
    }
    return functions
  }

  // ---- incoming.js ----

  // What the app asks of the page: events of the platform, and calls of the page's functions, whose value goes back.
  // Where the app takes messages for it, a value may come later, as a promise; else it is what the called function
  // returns.


  /** How much of an error's text the app is told. */
  const LONGEST_TEXT = 1024

  /** Takes an event or call: `FinChatJSBridge.webSubscribeCallBackHandler`. @returns {unknown} */
  function onEvent(/** @type {unknown} */ name, /** @type {unknown} */ data, /** @type {unknown} */ stamp) {
    if (typeof name !== 'string' || name === '') {
      counters.malformed += 1
      return undefined
    }
    return inOrder(stamp, () => {
      const call = isObject(stamp) ? own(stamp, 'call') : undefined
      const given = callHandlers(name, data)
      if (typeof call !== 'string' || !sendsReplies()) return given.value
      reply(call, given)
      return undefined
    })
  }

  /** Takes a message with binaries, which came through the port. */
  function onFrame(/** @type {{[member: string]: any}} */ message) {
    const type = own(message, 'type')
    const stamp = own(message, 'stamp')
    if (type === 'answer') onAnswer(own(message, 'id'), own(message, 'result'), stamp)
    else if (type === 'event') onEvent(own(message, 'name'), own(message, 'data'), stamp)
    else counters.malformed += 1
  }

  /** @typedef {{ code: number, message: string }} Refusal */

  function reply(/** @type {string} */ call, /** @type {import('./handlers.js').Given} */ given) {
    const epoch = currentEpoch()
    // Without inherited members, such as a `toJSON` of the page.
    const send = (/** @type {object} */ members) =>
      notify(
        'finapp.reply',
        /** @type {import('./binary.js').Body} */ (encode(/** @type {any} */ ({ __proto__: null, call, ...members }))),
      )
    const post = (/** @type {unknown} */ value) => {
      // The app has forgotten what an earlier document was asked.
      if (epoch !== currentEpoch()) return
      let wasSent = false
      try {
        wasSent = send({ ok: true, data: value })
      } catch {
        // A circle, a BigInt, or a `toJSON` that throws.
      }
      if (!wasSent) send({ ok: false, code: CODE.handlerResult, message: 'the value cannot be sent' })
    }
    const refuse = (/** @type {Refusal} */ { code, message }) => {
      if (epoch === currentEpoch()) send({ ok: false, code, message })
    }
    if (!given.found) refuse({ code: CODE.notFound, message: 'no handler of that name' })
    else if (given.value !== undefined) settle(given.value, post, (error) => refuse(thrown(error)))
    else if (given.thrown) refuse(thrown(given.thrown.error))
    else post(undefined)
  }

  /** @returns {Refusal} */
  function thrown(/** @type {any} */ error) {
    let message = 'the handler failed'
    try {
      const text = isObject(error) ? /** @type {any} */ (error).message : toText(error)
      if (typeof text === 'string' && text !== '') message = sliceText(text, 0, LONGEST_TEXT)
    } catch {
      // An error whose text cannot be had.
    }
    return { code: CODE.handler, message }
  }

  // ---- install.js ----

  // Puts `ft` and the functions that the app calls into the document, once, however often the library is included.


  /** Where a second copy of the library finds the first. */
  const MARK = Symbol.for('finapp.jssdk')

  /** @returns {{[name: string]: any}} what is exported as `ft` */
  function install() {
    const scope = /** @type {any} */ (globalThis)
    // An element with such an id looks like a global, and is none of its own.
    const foundBridge = own(scope, 'FinChatJSBridge')
    const foundFt = own(scope, 'ft')
    const bridge = isObject(foundBridge) ? /** @type {any} */ (foundBridge) : {}
    const first = bridge[MARK] ?? (typeof foundFt?.callNativeAPI === 'function' ? foundFt : undefined)
    if (first !== undefined) {
      warn('The JSSDK is included twice; the second copy does nothing.')
      return first
    }
    const functions = /** @type {{[name: string]: any}} */ (makeFunctions())
    // FinClip's base library has an `ft` of its own, whose members stay.
    const ft = isObject(foundFt) ? /** @type {any} */ (foundFt) : functions
    const names = keys(functions)
    for (let index = 0; index < names.length; index += 1) {
      const name = /** @type {string} */ (names[index])
      if (!hasOwn(ft, name)) ft[name] = functions[name]
    }
    scope.ft = ft
    const receivers = {
      webInvokeCallbackHandler: (/** @type {unknown[]} */ ...given) => onAnswer(given[0], given[1], given[2]),
      webSubscribeCallBackHandler: (/** @type {unknown[]} */ ...given) => onEvent(given[0], given[1], given[4]),
      [MARK]: ft,
    }
    keepBridge(bridge, receivers)
    startSession(onFrame)
    return ft
  }

  /**
   * Makes an object `FinChatJSBridge`. FinClip's base library may put another there later, and so may any script: what
   * the app calls goes along to it, and nothing takes its place.
   * @param {object} first
   * @param {{[name: string | symbol]: unknown}} receivers
   */
  function keepBridge(first, receivers) {
    let bridge = first
    const equip = (/** @type {object} */ object) => {
      fix(object, 'webInvokeCallbackHandler', receivers.webInvokeCallbackHandler)
      fix(object, 'webSubscribeCallBackHandler', receivers.webSubscribeCallBackHandler)
      fix(object, MARK, receivers[MARK])
    }
    equip(first)
    defineProperty(globalThis, 'FinChatJSBridge', {
      get: () => bridge,
      set: (other) => {
        if (!isObject(other)) return
        equip(other)
        bridge = other
      },
      enumerable: true,
      configurable: false,
    })
  }

  /** A member that no script replaces. */
  function fix(/** @type {object} */ object, /** @type {string | symbol} */ name, /** @type {unknown} */ value) {
    defineProperty(object, name, { value, writable: false, enumerable: false, configurable: false })
  }

  const ft = install()
})()
