// The functions of `ft`, in the order of the interface table. Names on the wire are the last part of a function's
// name; a host that knows another name for one gets it here.

import { keys, logError, soon, startsWith } from './primordials.js'
import { addHandler, checkHandler, removeHandler, setHandler } from './handlers.js'
import { counters } from './order.js'
import { CODE, failure } from './outcome.js'
import { call, callBack, callPromised, callWithOptions, promised, unheeded } from './request.js'
import { whenDecided, whenGreeted } from './session.js'

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
export const makeFunctions = () => ({
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
