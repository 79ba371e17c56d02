// The calls that wait for their answer. Each ends once: a second or late answer finds nothing.

import { OwnMap, mapClear, mapDelete, mapEach, mapGet, mapSet, soon } from './primordials.js'
import { failure, judge } from './outcome.js'

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
export function openCall(/** @type {number} */ id, /** @type {Call} */ call) {
  call.id = id
  mapSet(calls, id, call)
}

/** Ends a call, unless it has ended. @returns {boolean} whether it had not */
export function endCall(/** @type {Call} */ call, /** @type {import('./outcome.js').Outcome} */ outcome) {
  if (call.ended) return false
  call.ended = true
  if (call.id !== undefined) mapDelete(calls, call.id)
  call.deliver(outcome)
  return true
}

/** The same, when the code of the caller has returned: callbacks never run inside the call itself. */
export function endCallSoon(/** @type {Call} */ call, /** @type {import('./outcome.js').Outcome} */ outcome) {
  soon(() => endCall(call, outcome))
}

/** Ends the call that an answer is for. @returns {boolean} whether there is one */
export function answerCall(/** @type {number} */ id, /** @type {unknown} */ answer) {
  const call = mapGet(calls, id)
  return call !== undefined && endCall(call, judge(call.name, answer))
}

/** Ends all calls, because nobody will answer them any more. */
export function endCalls(/** @type {number} */ code, /** @type {string} */ text) {
  /** @type {Map<number, Call>} */
  const ending = new OwnMap()
  mapEach(calls, (/** @type {Call} */ call, /** @type {number} */ id) => mapSet(ending, id, call))
  mapClear(calls)
  mapEach(ending, (/** @type {Call} */ call) => endCall(call, failure(call.name, code, text)))
}
