// Calls that the host's thread answers: one after another and many at once, for one mini-program and for many.

import * as bare from './bare.mjs'
import { byTurns } from './measure.mjs'
import { Peer } from './peer.mjs'
import { onStage } from './stage.mjs'

/** @typedef {import('./measure.mjs').Figures} Figures */
/** @typedef {import('./stage.mjs').Stage} Stage */

const REPETITIONS = 9
const PIPED = 20_000
const WINDOW = 256
const APPLETS = 100

/** What the handlers of all sides do. @param {any} params */
export const answer = ({ name, age }) => ({ name, age })

/** Whether an answer is what it must be. @param {any} given */
const isRight = (given) => given?.name === 'Ada' && given?.age === 36

const SYNC = `
  ft.onCustomEvent(({ calls }) => ft.mark({ step: 'begin', success() {
    let answer
    for (let at = 0; at < calls; at++) answer = ft.askSync({ name: 'Ada', age: 36 })
    ft.mark({ step: 'end', answer })
  } }))`

/** As many calls in flight as the event says; one after another when it says one. */
const ASYNC = `
  ft.onCustomEvent(({ calls, window }) => ft.mark({ step: 'begin', success() {
    let sent = 0
    let answered = 0
    const fail = (answer) => ft.mark({ step: 'failed', answer })
    const success = (answer) => {
      answered++
      if (sent < calls) send()
      else if (answered === calls) ft.mark({ step: 'end', answer })
    }
    const send = () => {
      sent++
      ft.ask({ name: 'Ada', age: 36, success, fail })
    }
    while (sent < window && sent < calls) send()
  } }))`

/** @param {Stage} stage @param {string} appId */
function openAsync(stage, appId) {
  return stage.open(appId, ASYNC, [{ name: 'ask' }])
}

/** @param {Stage} stage */
function registerAsk(stage) {
  stage.client.registerCustomApi('ask', ({ params, callback }) => callback.onSuccess(answer(params)))
}

/** `ft.x()` answered by the host as its return value, against a bare round trip. @param {string} module */
export function syncHost(module) {
  const calls = 3_000
  return onStage(module, async (stage) => {
    stage.client.registerCustomApi('askSync', ({ params }) => answer(params), { sync: true })
    await stage.open('sync', SYNC, [{ name: 'askSync', sync: true }])
    return byTurns('us', REPETITIONS, () => stage.timed('sync', { calls }, isRight), () => bare.roundTrips(calls))
  })
}

/** One asynchronous call after another, against a bare call and answer. @param {string} module */
export function asyncHostSeq(module) {
  return piped(module, 3_000, 1)
}

/** Many at once, against as many bare ones at once. @param {string} module */
export function asyncHostPipe(module) {
  return piped(module, PIPED, WINDOW)
}

/** @param {string} module @param {number} calls @param {number} window */
function piped(module, calls, window) {
  return onStage(module, async (stage) => {
    registerAsk(stage)
    await openAsync(stage, 'async')
    const ours = () => stage.timed('async', { calls, window }, isRight)
    return byTurns('us', REPETITIONS, ours, () => bare.pipe(calls, window))
  })
}

/** Many at once, against what npm has to offer. @param {string} module */
export function asyncHostPipeVsPeer(module) {
  return onStage(module, async (stage) => {
    registerAsk(stage)
    await openAsync(stage, 'async')
    const peer = await Peer.start({ ask: answer })
    try {
      const ours = () => stage.timed('async', { calls: PIPED, window: WINDOW }, isRight)
      return await byTurns('us', REPETITIONS, ours, () => peer.timed({ calls: PIPED, window: WINDOW }, isRight))
    } finally {
      await peer.end()
    }
  })
}

/** Calls spread over many mini-programs, against as many in one; as many in flight in all. @param {string} module */
export function scale(module) {
  return onStage(module, async (stage) => {
    registerAsk(stage)
    /** @type {[string, import('./stage.mjs').Work][]} */
    const orders = []
    for (let at = 0; at < APPLETS; at++) {
      const window = Math.floor(WINDOW / APPLETS) + (at < WINDOW % APPLETS ? 1 : 0)
      orders.push([`scale-${at}`, { calls: PIPED / APPLETS, window }])
      await openAsync(stage, `scale-${at}`)
    }
    const inOne = () => stage.timedTogether([['scale-0', { calls: PIPED, window: WINDOW }]])
    return byTurns('us', REPETITIONS, () => stage.timedTogether(orders), inOne)
  })
}
