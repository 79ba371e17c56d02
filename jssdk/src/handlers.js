// The functions of the page that the app calls: listeners of the platform's events, and handlers under names of the
// page's own. What several handlers give to one call: the first value that is not `undefined`.

import {
  OwnMap,
  clone,
  isObject,
  logError,
  mapDelete,
  mapEach,
  mapGet,
  mapSet,
  mapSize,
  reportThrown,
} from './primordials.js'

/** @typedef {(data: any) => unknown} Handler */
/** What a call into the page gave: whether anybody listens, the value, and what was thrown when there is no value. */
/** @typedef {{ found: boolean, value?: unknown, thrown?: { error: unknown } }} Given */

let added = 0
/** By name, each in the order in which they were added. @type {Map<string, Map<number, Handler>>} */
const handlersOf = new OwnMap()
/** Those of `registNativeAPIHandler`: one for a name, and none can be taken away. @type {Map<string, Handler>} */
const registered = new OwnMap()

/** Whether `handler` is a function; else the console says what it should have been. */
export function checkHandler(/** @type {string} */ caller, /** @type {unknown} */ handler) {
  if (typeof handler === 'function') return true
  logError(`ft.${caller} should accept a function instead of ${handler === null ? 'null' : typeof handler}`)
  return false
}

/** Adds a handler; one that is added twice is called twice. */
export function addHandler(/** @type {string} */ name, /** @type {Handler} */ handler) {
  let handlers = mapGet(handlersOf, name)
  if (handlers === undefined) {
    handlers = new OwnMap()
    mapSet(handlersOf, name, handlers)
  }
  mapSet(handlers, (added += 1), handler)
}

/** Takes a handler away, however often it was added, or all of that name. */
export function removeHandler(/** @type {string} */ name, /** @type {Handler | undefined} */ handler) {
  const handlers = mapGet(handlersOf, name)
  if (handlers === undefined) return
  mapEach(handlers, (/** @type {Handler} */ candidate, /** @type {number} */ key) => {
    if (handler === undefined || candidate === handler) mapDelete(handlers, key)
  })
  if (mapSize(handlers) === 0) mapDelete(handlersOf, name)
}

/** Sets the one handler of `registNativeAPIHandler`. */
export function setHandler(/** @type {string} */ name, /** @type {Handler} */ handler) {
  mapSet(registered, name, handler)
}

/**
 * Calls all handlers of a name, as they stood when the call came. One that throws stops no other; its error is
 * reported as the browser reports that of any callback.
 * @param {string} name
 * @param {unknown} data
 * @returns {Given}
 */
export function callHandlers(name, data) {
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
