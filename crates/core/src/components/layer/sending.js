// `sendWebviewEvent` as a mini-program sees it: the page is found here, and what is sent is handed on elsewhere. It gives
// nothing back; what could not be sent is worth a warning.

import { native, tools } from './room.js'

/** Puts `sendWebviewEvent` on `ft` and `wx`, if it is answered at all.
 * @param {import('../../engine/prelude.js').Scope} scope
 * @param {(plugin: string | undefined, instance: unknown) => number} idMeant */
export const publishSending = ({ number, plugin, publish }, idMeant) => {
  const slot = tools.native.slotOf(number, 'sendWebviewEvent')
  if (slot === undefined) return
  publish('sendWebviewEvent', function (/** @type {unknown} */ data, /** @type {unknown} */ instance) {
    const params = { __proto__: null, page: idMeant(plugin, instance), data }
    tools.native.invokeWith(slot, params, {
      __proto__: null,
      fail(/** @type {any} */ { errMsg }) {
        native.log('warn', errMsg)
      }
    })
  })
}
