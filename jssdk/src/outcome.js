// How a call ends: the texts and codes of failures that the library itself reports, and what an answer of the host
// means.

import {
  decodeBase64,
  defineProperty,
  indexOf,
  isArray,
  isObject,
  own,
  parse,
  sliceText,
  startsWith,
  trimStart,
} from './primordials.js'
import { bytesOfText } from './binary.js'

/** The numbers of finapp's one table of errors that can arise in a page. */
export const CODE = {
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
export const failure = (name, errCode, text) => ({ failed: true, result: { errMsg: `${name}:fail ${text}`, errCode } })

/** JSON text as a value, and `undefined` for what is none. */
export const parsed = (/** @type {string} */ text) => {
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
export function judge(name, answer) {
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
