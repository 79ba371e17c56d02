// The page's side of the transport: one session for a document, begun with `initPage`. Calls go out numbered without a
// gap, from a first number that nobody can guess, so that the app can put them in order. Extensions are used only after
// the app has offered them in its answer to `initPage`.

import {
  OwnMap,
  OwnUint32Array,
  indexOf,
  isArray,
  isObject,
  isSafeInteger,
  listenGlobally,
  mapClear,
  mapEach,
  mapSet,
  mapSize,
  own,
  randomValues,
  settle,
  sliceText,
  soon,
  stringify,
} from './primordials.js'
import { asText, pack } from './binary.js'
import { answerCall, endCall, endCallSoon, endCalls, openCall } from './calls.js'
import { findNative, isFramed, waitForNative } from './native.js'
import { counters, inOrder, isStamped, resetOrder, startOrder } from './order.js'
import { CODE, failure, parsed } from './outcome.js'
import { awaitPort, dropPort, hasPort, postFrame } from './port.js'

/** @typedef {import('./calls.js').Call} Call */
/** @typedef {import('./binary.js').Body} Body */

/** How many calls wait for the app's object to appear. */
const MOST_WAITING = 256
/** The version of the extensions that this library speaks. */
const VERSION_OF_EXTENSIONS = 1
const KNOWN_FEATURES = 'reply,cancel,binary'

/** @type {'waiting' | 'open' | 'absent' | 'framed'} */
let phase = 'waiting'
/** @type {import('./native.js').Send | undefined} */
let send
let nextId = 0
/** The number of `initPage` while that is not answered. */
let helloId = 0
let isGreeted = false
/** Grows when the document begins anew; what belongs to an earlier epoch is over. */
let epoch = 0
let pageId = /** @type {number | undefined} */ (undefined)
let token = /** @type {string | undefined} */ (undefined)
/** Extensions that both sides know, as text with a comma around each. */
let agreed = ''

/** Calls of a page whose app is not there yet. @type {Map<number, { name: string, body: Body, call: Call }>} */
const queue = new OwnMap()
/** Who wants to know whether there is an app. @type {Map<number, (inApp: boolean) => void>} */
const decided = new OwnMap()
/** Who wants to know the page's number. @type {Map<number, () => void>} */
const greeted = new OwnMap()

/** Looks for the app. It is called once, when the library is loaded. */
export function startSession(/** @type {(message: {[member: string]: any}) => void} */ receive) {
  if (isFramed()) {
    phase = 'framed'
    return
  }
  awaitPort(() => (has('binary') ? `finapp.port.${token}` : undefined), receive)
  // A document that comes back from the browser's memory: to the app it is a new one.
  listenGlobally('pageshow', (/** @type {PageTransitionEvent} */ event) => {
    if (event.persisted && phase === 'open') begin()
  })
  if (!look()) waitForNative(look, giveUp)
}

function look() {
  if (phase === 'open') return true
  send = findNative()
  if (send === undefined) return false
  phase = 'open'
  const scope = /** @type {any} */ (globalThis)
  scope.__fcjs_environment ??= 'miniprogram'
  begin()
  // Before anybody is told, who may call at once: what waited goes first.
  mapEach(queue, (/** @type {any} */ { name, body, call }) => {
    if (!call.ended) transmit(name, body, call)
  })
  mapClear(queue)
  tell(true)
  return true
}

function giveUp() {
  if (phase !== 'waiting') return
  phase = 'absent'
  tell(false)
  greet()
  mapEach(queue, (/** @type {any} */ { call }) => endCall(call, absent(call.name)))
  mapClear(queue)
}

function tell(/** @type {boolean} */ inApp) {
  mapEach(decided, (/** @type {(inApp: boolean) => void} */ hear) => hear(inApp))
  mapClear(decided)
}

const absent = (/** @type {string} */ name) => failure(name, CODE.unsupported, 'not in a mini-program')

/** Asks for the page's number. What was open before ends: the app does not know it any more. */
function begin() {
  epoch += 1
  endCalls(CODE.pageGone, 'page is gone')
  resetOrder()
  dropPort()
  pageId = token = undefined
  agreed = ''
  isGreeted = false
  const random = new OwnUint32Array(1)
  randomValues(random)
  // Hosts keep it in 32 bits with a sign; there is room for a thousand million calls above it.
  helloId = 1 + /** @type {number} */ (random[0] >>> 2)
  nextId = helloId + 1
  post('initPage', '{}', helloId)
}

function post(/** @type {string} */ name, /** @type {string} */ text, /** @type {number} */ id) {
  let given
  try {
    given = /** @type {import('./native.js').Send} */ (send)(name, text, id)
  } catch {
    given = unavailable(name)
  }
  returned(id, name, given)
}

const unavailable = (/** @type {string} */ name) => failure(name, CODE.closed, 'host unavailable').result

/** Sends a call, or keeps it until there is an app. */
export function submit(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call} */ call) {
  // Whether the app's object has come by now.
  if (phase === 'waiting' || phase === 'absent') look()
  if (phase === 'open') transmit(name, body, call)
  else if (phase === 'framed')
    endCallSoon(call, failure(name, CODE.denied, 'only the page itself may call, not a frame in it'))
  else if (phase === 'absent') endCallSoon(call, absent(name))
  else if (mapSize(queue) < MOST_WAITING) mapSet(queue, mapSize(queue), { name, body, call })
  else endCallSoon(call, failure(name, CODE.busy, 'too many calls wait for the app'))
}

function transmit(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call} */ call) {
  if (!put(name, body, call)) {
    endCallSoon(call, failure(name, CODE.unsupported, 'this app takes binary data only as members of the parameters'))
  }
}

/** Sends a message that has no answer. @returns {boolean} whether it can be sent */
export const notify = (/** @type {string} */ name, /** @type {Body} */ body) => put(name, body, undefined)

function put(/** @type {string} */ name, /** @type {Body} */ body, /** @type {Call | undefined} */ call) {
  const asBytes = mapSize(body.binaries) > 0 && hasPort()
  const text = asBytes ? body.text : asText(body)
  if (text === undefined) return false
  // Only what is sent takes a number: the app waits for one that is missing.
  const id = nextId
  nextId += 1
  if (call !== undefined) openCall(id, call)
  if (asBytes) postFrame(pack(`"type":"call","name":${stringify(name)},"id":${id},"data":${text}`, body))
  else post(name, text, id)
  return true
}

/** Tells the app that nobody waits for a call any more. */
export function tellCancelled(/** @type {Call} */ call) {
  if (call.id === undefined || !has('cancel')) return
  notify('finapp.cancel', { text: `{"id":${call.id}}`, binaries: new OwnMap() })
}

/** What the app's function gave: an answer at once, as text or as an object; or nothing, when the answer follows. */
function returned(/** @type {number} */ id, /** @type {string} */ name, /** @type {unknown} */ given) {
  const mine = epoch
  const later = (/** @type {unknown} */ value) => {
    if (mine === epoch) deliver(id, value, undefined)
  }
  if (typeof given === 'string') {
    const value = parsed(given)
    if (isObject(value) || (id === helloId && typeof value === 'number')) soon(() => later(value))
  } else if (isObject(given) && typeof (/** @type {any} */ (given).then) === 'function') {
    settle(
      given,
      (value) => mine === epoch && returned(id, name, value),
      () => later(unavailable(name)),
    )
  } else if (isObject(given) || (id === helloId && typeof given === 'number')) {
    soon(() => later(given))
  }
}

/** Takes an answer of the app: `FinChatJSBridge.webInvokeCallbackHandler`. */
export function onAnswer(/** @type {unknown} */ given, /** @type {unknown} */ answer, /** @type {unknown} */ stamp) {
  const id = typeof given === 'string' && `${+given}` === given ? +given : /** @type {number} */ (given)
  if (!isSafeInteger(id) || id <= 0) {
    counters.malformed += 1
    return
  }
  // Its stamp is the offer itself, so no token is known before.
  if (id === helloId) deliver(helloId, answer, stamp)
  else inOrder(stamp, () => deliver(id, answer, stamp))
}

function deliver(/** @type {number} */ id, /** @type {unknown} */ answer, /** @type {unknown} */ stamp) {
  if (id === helloId) welcome(answer, stamp)
  else if (!answerCall(id, answer)) counters.unknown += 1
}

/** The answer to `initPage`: the page's number, and beside it what the app offers. FinClip's hosts offer nothing. */
function welcome(/** @type {unknown} */ answer, /** @type {unknown} */ offer) {
  helloId = 0
  const number = typeof answer === 'string' ? +answer : answer
  if (isSafeInteger(number)) pageId = /** @type {number} */ (number)
  const accepted = isObject(offer) && own(offer, 'version') === VERSION_OF_EXTENSIONS ? own(offer, 'token') : undefined
  if (typeof accepted === 'string' && accepted.length >= 16 && accepted.length <= 128) {
    token = accepted
    agreed = common(own(/** @type {object} */ (offer), 'features'))
    // Both sides begin with the message after this one.
    const text = `{"version":${VERSION_OF_EXTENSIONS},"token":${stringify(token)},"features":${listOf(agreed)}}`
    notify('finapp.accept', { text, binaries: new OwnMap() })
    startOrder(token)
  } else {
    startOrder(null)
  }
  isGreeted = true
  greet()
}

function greet() {
  mapEach(greeted, (/** @type {() => void} */ hear) => hear())
  mapClear(greeted)
}

const has = (/** @type {string} */ feature) => indexOf(agreed, `,${feature},`) >= 0

/** Whether the app wants answers of handlers as messages. */
export const sendsReplies = () => isStamped() && has('reply')

function common(/** @type {unknown} */ offered) {
  let both = ','
  if (!isArray(offered)) return both
  for (let index = 0; index < offered.length && index < 32; index += 1) {
    const feature = own(offered, index)
    if (typeof feature === 'string' && indexOf(`,${KNOWN_FEATURES},`, `,${feature},`) >= 0) both += `${feature},`
  }
  return both
}

/** Names between commas as a JSON array. */
function listOf(/** @type {string} */ names) {
  let list = ''
  let from = 1
  for (let to = indexOf(names, ',', from); to >= 0; to = indexOf(names, ',', from)) {
    list += `${list === '' ? '' : ','}${stringify(sliceText(names, from, to))}`
    from = to + 1
  }
  return `[${list}]`
}

/** Which epoch this is: for work that may not outlive it. */
export const currentEpoch = () => epoch

/** Calls `hear` once it is known whether the page is in a mini-program. */
export function whenDecided(/** @type {(inApp: boolean) => void} */ hear) {
  if (phase === 'waiting') look()
  if (phase === 'waiting') mapSet(decided, mapSize(decided), hear)
  else soon(() => hear(phase === 'open'))
}

/** Calls `hear` once `initPage` has been answered, with the page's number; with none when there is no app. */
export function whenGreeted(/** @type {(pageId: number | undefined) => void} */ hear) {
  if (phase === 'waiting') look()
  if (isGreeted || phase === 'absent' || phase === 'framed') soon(() => hear(pageId))
  else mapSet(greeted, mapSize(greeted), () => hear(pageId))
}
