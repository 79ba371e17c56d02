// Finding the object through which a page reaches the app. In a mini-program it is there before the page's scripts run;
// a host that brings it later is waited for, for a short and fixed time.

import { apply, setTimer } from './primordials.js'

/** How long it is waited for between one look and the next: 2.55 seconds in all. */
const FIRST_WAIT = 10
const LAST_WAIT = 1280

/**
 * Sends one message of the page. What it gives is `undefined` when the answer follows.
 * @typedef {(name: string, params: string, id: number) => unknown} Send
 */

/** Whether this document is in a frame: the app answers the page alone, so a frame would wait for ever. */
export const isFramed = () => {
  const { top } = /** @type {any} */ (globalThis)
  return top !== undefined && top !== globalThis
}

/**
 * The way to the app, if there is one. Its function is taken once, so what a script does to the object later changes
 * nothing.
 * @returns {Send | undefined}
 */
export function findNative() {
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
export function waitForNative(look, giveUp) {
  const wait = (/** @type {number} */ delay) =>
    setTimer(() => {
      if (look()) return
      if (delay < LAST_WAIT) wait(delay * 2)
      else giveUp()
    }, delay)
  wait(FIRST_WAIT)
}
