// Puts `ft` and the functions that the app calls into the document, once, however often the library is included.

import { defineProperty, hasOwn, isObject, keys, warn } from './primordials.js'
import { makeFunctions } from './functions.js'
import { onEvent, onFrame } from './incoming.js'
import { onAnswer, startSession } from './session.js'

/** Where a second copy of the library finds the first. */
const MARK = Symbol.for('finapp.jssdk')

/** @returns {{[name: string]: any}} what is exported as `ft` */
function install() {
  const scope = /** @type {any} */ (globalThis)
  const bridge = isObject(scope.FinChatJSBridge) ? /** @type {any} */ (scope.FinChatJSBridge) : {}
  const first = bridge[MARK] ?? (typeof scope.ft?.callNativeAPI === 'function' ? scope.ft : undefined)
  if (first !== undefined) {
    warn('The JSSDK is included twice; the second copy does nothing.')
    return first
  }
  const functions = /** @type {{[name: string]: any}} */ (makeFunctions())
  // FinClip's base library has an `ft` of its own, whose members stay.
  const ft = isObject(scope.ft) ? scope.ft : functions
  const names = keys(functions)
  for (let index = 0; index < names.length; index += 1) {
    const name = /** @type {string} */ (names[index])
    if (!hasOwn(ft, name)) ft[name] = functions[name]
  }
  fix(bridge, MARK, ft)
  fix(bridge, 'webInvokeCallbackHandler', (/** @type {unknown[]} */ ...given) => onAnswer(given[0], given[1], given[2]))
  fix(bridge, 'webSubscribeCallBackHandler', (/** @type {unknown[]} */ ...given) => onEvent(given[0], given[1], given[4]))
  scope.FinChatJSBridge = bridge
  scope.ft = ft
  startSession(onFrame)
  return ft
}

/** A member that no script replaces. */
function fix(/** @type {object} */ object, /** @type {string | symbol} */ name, /** @type {unknown} */ value) {
  defineProperty(object, name, { value, writable: false, enumerable: false, configurable: false })
}

export const ft = install()
