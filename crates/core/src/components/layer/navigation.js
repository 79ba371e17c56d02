// `navigateTo` as a mini-program sees it: the call itself is answered elsewhere; here it gets its event channel.

import { create, keys, tools } from './room.js'
import { EventChannel } from './channel.js'

/** Channels that wait for the page that was asked for, by the page that asked. @type {Record<number, EventChannel>} */
const waiting = create(null)
let count = 0

/** The channel for a page that another has opened. @param {number} opener */
export const takeChannel = (opener) => {
  const channel = waiting[opener]
  delete waiting[opener]
  return channel
}

/** @param {any} given */
const textOf = (given) => (typeof given === 'string' ? given : undefined)

/** Puts `navigateTo` on `ft` and `wx`, if it is answered at all.
 * @param {import('../../engine/prelude.js').Scope} scope @param {() => number} topId */
export const publishNavigation = (scope, topId) => {
  const slot = tools.native.slotOf(scope.number, 'navigateTo')
  if (slot === undefined) return
  scope.publish('navigateTo', function (/** @type {any} */ options) {
    const given = typeof options === 'object' && options !== null ? options : { __proto__: null }
    const [own, other] = EventChannel.pair()
    let url
    let routeType
    const outer = tools.native.reading(true)
    try {
      url = textOf(given.url)
      routeType = textOf(given.routeType)
      const events = given.events
      for (const name of typeof events === 'object' && events !== null ? keys(events) : []) own.on(name, events[name])
    } catch {
      // Without an address the call fails, and says so in the way its options still allow.
      url = undefined
    } finally {
      tools.native.reading(outer)
    }
    const opener = topId()
    waiting[opener] = other
    count += 1
    /** @type {Record<string, unknown>} */
    const params = { channel: count }
    if (url !== undefined) params.url = url
    if (routeType !== undefined) params.routeType = routeType
    return tools.native.invokeWith(slot, params, given, (/** @type {any} */ result) => {
      tools.define(result, 'eventChannel', own)
      return result
    })
  })
}
