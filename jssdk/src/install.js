// Puts `ft` and the functions that the app calls into the document, once, however often the library is included.

import { defineProperty, hasOwn, isObject, keys, own, warn } from './primordials.js'
import { makeFunctions } from './functions.js'
import { onEvent, onFrame } from './incoming.js'
import { onAnswer, startSession } from './session.js'

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

export const ft = install()
