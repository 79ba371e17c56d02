// Cancellation: a handler is told when nobody waits for its answer any more.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted, Inbox } from './support.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').CancelReason} CancelReason */

/**
 * Registers `wait`, which never answers, and gives the signals of its calls as they come.
 * @param {import('./support.mjs').Host} host
 * @param {import('../../finapp/types/libfinapp/index.js').ApiOptions} [options]
 */
function signals(host, options) {
  /** @type {Inbox<import('../../finapp/types/libfinapp/index.js').CancelSignal>} */
  const inbox = new Inbox()
  host.client.registerCustomApi('wait', ({ extInfo }) => inbox.put(extInfo.signal), options)
  return inbox
}

/**
 * The reason that a signal is aborted with.
 * @param {import('../../finapp/types/libfinapp/index.js').CancelSignal} signal
 * @returns {Promise<CancelReason>}
 */
const aborted = (signal) => new Promise((done) => signal.onAbort(done))

test(
  'f_h06_a_handler_is_told_when_its_caller_closes',
  hosted(async (host) => {
    const inbox = signals(host)
    const applet = await host.open('ft.wait({})', ['wait'])
    const signal = await inbox.next('the call')
    assert.equal(signal.aborted, false)
    assert.equal(signal.reason, undefined)
    const told = aborted(signal)
    applet.close()
    const reason = await told
    assert.equal(reason.code, codes.E_CLOSED.code)
    assert.equal(signal.aborted, true)
    assert.deepEqual(signal.reason, reason)
  }),
)

test(
  'f_h06_a_handler_is_told_when_the_deadline_passes',
  hosted(async (host) => {
    const inbox = signals(host, { timeout: 10 })
    const seen = await host.run('ft.wait({ fail: ft.report })', ['wait'])
    assert.equal(seen.errCode, codes.E_TIMEOUT.code)
    assert.equal((await aborted(await inbox.next('the call'))).code, codes.E_TIMEOUT.code)
  }),
)

test(
  'f_h06_a_signal_that_is_read_after_the_end_tells_as_well',
  hosted(async (host) => {
    /** @type {Inbox<import('../../finapp/types/libfinapp/index.js').ExtInfo>} */
    const inbox = new Inbox()
    host.client.registerCustomApi('wait', ({ extInfo }) => inbox.put(extInfo), { timeout: 10 })
    await host.run('ft.wait({ fail: ft.report })', ['wait'])
    const extInfo = await inbox.next('the call')
    assert.equal((await aborted(extInfo.signal)).code, codes.E_TIMEOUT.code)
  }),
)

test(
  'f_h06_an_answered_call_is_never_cancelled',
  hosted(async (host) => {
    /** @type {unknown[]} */
    const told = []
    host.client.registerCustomApi('scan', ({ callback, extInfo }) => {
      extInfo.signal.onAbort((reason) => told.push(reason))
      callback.onSuccess({})
    })
    const applet = await host.open('ft.scan({ success: ft.report })', ['scan'])
    await host.reported()
    applet.close()
    await host.event('closed')
    assert.deepEqual(told, [])
  }),
)

test(
  'f_h06_listeners_are_called_once_and_in_order_and_can_be_taken_away',
  hosted(async (host) => {
    const inbox = signals(host)
    const applet = await host.open('ft.wait({})', ['wait'])
    const signal = await inbox.next('the call')
    /** @type {string[]} */
    const told = []
    const away = () => told.push('away')
    signal.onAbort(() => told.push('first'))
    signal.onAbort(away)
    signal.addEventListener('abort', away)
    signal.addEventListener('other', () => told.push('other'))
    signal.onAbort(() => { throw new Error('a listener of the host') })
    signal.offAbort(away)
    signal.addEventListener('abort', () => told.push('last'))
    const all = aborted(signal)
    applet.close()
    await all
    assert.deepEqual(told, ['first', 'last'])
    signal.onAbort(() => told.push('at once'))
    assert.deepEqual(told, ['first', 'last', 'at once'])
    assert.throws(() => signal.onAbort(/** @type {any} */ ('no')), codes.E_PARAM)
    assert.ok(host.lines.some(({ line }) => line.includes('a listener of the host')))
  }),
)

test(
  'h_c3_a_call_that_nobody_answers_frees_its_place_at_the_deadline_and_a_late_answer_is_counted',
  hosted(
    async (host) => {
      /** @type {import('./support.mjs').InvokeArgs[]} */
      const calls = []
      host.client.registerCustomApi('wait', (args) => void calls.push(args), { timeout: 10 })
      await host.open(
        `let left = 3
         const again = (res) => { if (--left === 0) ft.report(res); else ft.wait({ fail: again }) }
         ft.wait({ fail: again })`,
        ['wait'],
      )
      assert.equal((await host.reported()).errCode, codes.E_TIMEOUT.code)
      for (const { callback } of calls) callback.onSuccess({ too: 'late' })
      const counters = host.client.counters('demo')
      assert.equal(counters.timedOut, 3)
      assert.equal(counters.lateAnswers, 3)
    },
    { limits: { callsInFlight: 2 } },
  ),
)
