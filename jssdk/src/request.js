// One call of an API, from the options of the caller to its callbacks or its promise.

import {
  OwnPromise,
  isAborted,
  isArray,
  isObject,
  kindOf,
  listen,
  reportThrown,
  sliceText,
  then,
  unlisten,
} from './primordials.js'
import { encode } from './binary.js'
import { endCall, endCallSoon } from './calls.js'
import { CODE, failure } from './outcome.js'
import { submit, tellCancelled } from './session.js'

/** @typedef {import('./outcome.js').Outcome} Outcome */
/** @typedef {import('./outcome.js').Result} Result */
/** @typedef {(outcome: Outcome) => void} Deliver */

/** Calls a callback of the page. One that throws keeps no other from being called. */
export function callBack(/** @type {unknown} */ callback, /** @type {unknown} */ value) {
  if (typeof callback !== 'function') return
  try {
    callback(value)
  } catch (error) {
    reportThrown(error)
  }
}

/** A promise of the result, and what settles it. @returns {{ promise: Promise<Result>, deliver: Deliver }} */
export function promised() {
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
export function unheeded(/** @type {Promise<Result> | undefined} */ promise) {
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
export function callWithOptions(name, options) {
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
export function callPromised(/** @type {string} */ name, /** @type {unknown} */ params, /** @type {unknown} */ signal) {
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
export function call(name, params, signal, deliver) {
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
