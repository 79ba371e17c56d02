// What the app sends, in the order in which it sent it, and nothing that somebody else sent. A host that knows finapp's
// extensions puts a stamp on each message: the token of this document, which other scripts cannot guess, and a number
// that grows by one. Other hosts stamp nothing; then messages are taken as they come.

import {
  OwnMap,
  clearTimer,
  isObject,
  isSafeInteger,
  mapClear,
  mapDelete,
  mapEach,
  mapGet,
  mapSet,
  mapSize,
  own,
  setTimer,
} from './primordials.js'

/** How long a missing number is waited for. */
const LONGEST_GAP = 100
/** How many messages wait for one that is missing. */
const MOST_HELD = 256

/** What was not taken, and why. */
export const counters = {
  /** Answers to no open call: second, late or made up. */
  unknown: 0,
  /** Messages without the token of this document. */
  refused: 0,
  /** Messages whose number was there before, or had been given up. */
  repeated: 0,
  /** Messages that are not of the right form. */
  malformed: 0,
  /** Numbers that never came. */
  missing: 0,
}

/** `undefined` until the app has answered `initPage`; then its token, or `null` when it stamps nothing. */
let stampToken = /** @type {string | null | undefined} */ (undefined)
let expected = 1
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer
/** Messages that came too early; by number, or before `initPage` is answered in the order in which they came. */
const held = /** @type {Map<number, { stamp: unknown, act: () => unknown }>} */ (new OwnMap())
let early = 0

/** Begins anew, for a document that asks again. */
export function resetOrder() {
  stampToken = undefined
  expected = 1
  clearTimer(timer)
  timer = undefined
  mapClear(held)
}

/** Says what the app stamps its messages with, or `null` for nothing, and takes those that came before. */
export function startOrder(/** @type {string | null} */ agreed) {
  stampToken = agreed
  /** @type {typeof held} */
  const waiting = new OwnMap()
  mapEach(held, (/** @type {any} */ message, /** @type {number} */ key) => mapSet(waiting, key, message))
  mapClear(held)
  mapEach(waiting, (/** @type {any} */ { stamp, act }) => inOrder(stamp, act))
}

/** Whether the app stamps its messages. */
export const isStamped = () => typeof stampToken === 'string'

/**
 * Acts on a message when its turn has come.
 * @param {unknown} stamp
 * @param {() => unknown} act
 * @returns {unknown} what `act` gives, if it was called at once
 */
export function inOrder(stamp, act) {
  if (stampToken === undefined && isObject(stamp)) {
    hold((early += 1), stamp, act)
    return undefined
  }
  if (typeof stampToken !== 'string') return act()
  if (!isObject(stamp) || own(stamp, 'token') !== stampToken) {
    counters.refused += 1
    return undefined
  }
  const number = own(stamp, 'seq')
  if (!isSafeInteger(number) || number < 0) {
    counters.malformed += 1
    return undefined
  }
  if (number < expected || mapGet(held, number) !== undefined) {
    counters.repeated += 1
    return undefined
  }
  if (number > expected) {
    hold(number, stamp, act)
    if (timer === undefined) timer = setTimer(skipGap, LONGEST_GAP)
    return undefined
  }
  expected += 1
  try {
    return act()
  } finally {
    takeHeld()
  }
}

function hold(/** @type {number} */ key, /** @type {unknown} */ stamp, /** @type {() => unknown} */ act) {
  if (mapSize(held) < MOST_HELD) mapSet(held, key, { stamp, act })
  else counters.refused += 1
}

function takeHeld() {
  for (let next = mapGet(held, expected); next !== undefined; next = mapGet(held, expected)) {
    mapDelete(held, expected)
    expected += 1
    next.act()
  }
  if (mapSize(held) > 0) return
  clearTimer(timer)
  timer = undefined
}

/** Goes on with the lowest number there is. */
function skipGap() {
  timer = undefined
  let lowest = Infinity
  mapEach(held, (/** @type {unknown} */ _, /** @type {number} */ key) => {
    if (key < lowest) lowest = key
  })
  if (lowest === Infinity) return
  counters.missing += lowest - expected
  expected = lowest
  takeHeld()
  if (mapSize(held) > 0) timer = setTimer(skipGap, LONGEST_GAP)
}
