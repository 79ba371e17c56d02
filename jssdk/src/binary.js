// What a page sends, as JSON text with its binaries beside it: `ArrayBuffer`, typed arrays and `DataView`. Where the
// channel takes bytes, one message holds both; where it takes text alone, members of the root go as base64.

import {
  OwnDataView,
  OwnMap,
  OwnTextDecoder,
  OwnTextEncoder,
  OwnTypeError,
  OwnUint8Array,
  apply,
  arrayBufferPrototype,
  bufferLength,
  bufferSlice,
  charCodeAt,
  dataViewBuffer,
  dataViewLength,
  dataViewOffset,
  decodeText,
  defineProperty,
  encodeBase64,
  encodeText,
  fromCharCode,
  getUint32,
  hasOwn,
  indexOf,
  isArray,
  isObject,
  isPrototypeOf,
  isSafeInteger,
  isView,
  mapEach,
  mapGet,
  mapSet,
  mapSize,
  own,
  parse,
  setBytes,
  setUint32,
  sliceText,
  stringify,
  subarray,
  typedArrayName,
  viewBuffer,
  viewLength,
  viewOffset,
  viewsByKind,
} from './primordials.js'

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
export function encode(value) {
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
export function bytesOfText(/** @type {string} */ text) {
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
export function asText({ text, binaries }) {
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
export function pack(head, { binaries }) {
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
export const isBuffer = (/** @type {unknown} */ value) => isObject(value) && isPrototypeOf(arrayBufferPrototype, value)

/**
 * The head of a message, with its binaries put into the member that `rootOf` names.
 * @param {ArrayBuffer} frame
 * @param {(head: object) => string} rootOf
 * @returns {{[member: string]: any}}
 * @throws when the message is not what `pack` makes
 */
export function unpack(frame, rootOf) {
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
