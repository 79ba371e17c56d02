// What the app asks of the page: events of the platform, and calls of the page's functions, whose value goes back.
// Where the app takes messages for it, a value may come later, as a promise; else it is what the called function
// returns.

import { isObject, own, settle, sliceText, toText } from './primordials.js'
import { encode } from './binary.js'
import { callHandlers } from './handlers.js'
import { counters, inOrder } from './order.js'
import { CODE } from './outcome.js'
import { currentEpoch, notify, onAnswer, sendsReplies } from './session.js'

/** How much of an error's text the app is told. */
const LONGEST_TEXT = 1024

/** Takes an event or call: `FinChatJSBridge.webSubscribeCallBackHandler`. @returns {unknown} */
export function onEvent(/** @type {unknown} */ name, /** @type {unknown} */ data, /** @type {unknown} */ stamp) {
  if (typeof name !== 'string' || name === '') {
    counters.malformed += 1
    return undefined
  }
  return inOrder(stamp, () => {
    const call = isObject(stamp) ? own(stamp, 'call') : undefined
    const given = callHandlers(name, data)
    if (typeof call !== 'string' || !sendsReplies()) return given.value
    reply(call, given)
    return undefined
  })
}

/** Takes a message with binaries, which came through the port. */
export function onFrame(/** @type {{[member: string]: any}} */ message) {
  const type = own(message, 'type')
  const stamp = own(message, 'stamp')
  if (type === 'answer') onAnswer(own(message, 'id'), own(message, 'result'), stamp)
  else if (type === 'event') onEvent(own(message, 'name'), own(message, 'data'), stamp)
  else counters.malformed += 1
}

/** @typedef {{ code: number, message: string }} Refusal */

function reply(/** @type {string} */ call, /** @type {import('./handlers.js').Given} */ given) {
  const epoch = currentEpoch()
  // Without inherited members, such as a `toJSON` of the page.
  const send = (/** @type {object} */ members) =>
    notify(
      'finapp.reply',
      /** @type {import('./binary.js').Body} */ (encode(/** @type {any} */ ({ __proto__: null, call, ...members }))),
    )
  const post = (/** @type {unknown} */ value) => {
    // The app has forgotten what an earlier document was asked.
    if (epoch !== currentEpoch()) return
    let wasSent = false
    try {
      wasSent = send({ ok: true, data: value })
    } catch {
      // A circle, a BigInt, or a `toJSON` that throws.
    }
    if (!wasSent) send({ ok: false, code: CODE.handlerResult, message: 'the value cannot be sent' })
  }
  const refuse = (/** @type {Refusal} */ { code, message }) => {
    if (epoch === currentEpoch()) send({ ok: false, code, message })
  }
  if (!given.found) refuse({ code: CODE.notFound, message: 'no handler of that name' })
  else if (given.value !== undefined) settle(given.value, post, (error) => refuse(thrown(error)))
  else if (given.thrown) refuse(thrown(given.thrown.error))
  else post(undefined)
}

/** @returns {Refusal} */
function thrown(/** @type {any} */ error) {
  let message = 'the handler failed'
  try {
    const text = isObject(error) ? /** @type {any} */ (error).message : toText(error)
    if (typeof text === 'string' && text !== '') message = sliceText(text, 0, LONGEST_TEXT)
  } catch {
    // An error whose text cannot be had.
  }
  return { code: CODE.handler, message }
}
