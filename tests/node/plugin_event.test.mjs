// Events of plugins, as TCMPP has them on Android: answered by the callback of the call, whatever the handler returns.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted, Inbox } from './support.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').MiniApiCall} MiniApiCall */

const event = `wx.invokeNativePlugin({ api_name: 'event', data: { name: 'kka' }, success: ft.report, fail: ft.report })`

test(
  'f_h10_an_event_is_given_the_call_with_its_envelope',
  hosted(async (host) => {
    host.client.registerPluginEvent('event', ({ apiName, webViewId, params, appInfo, callback }) => {
      callback.onSuccess({ given: { apiName, webViewId, params, appInfo } })
    })
    const { given } = await host.run(event)
    const params = { stateEvent: 'requestCustomApi', api_name: 'event', data: { name: 'kka' }, webviewId: 0 }
    assert.deepEqual(given, { apiName: 'event', webViewId: 0, params, appInfo: { appId: 'demo' } })
  }),
)

/** What a handler may return without ending its call. @type {[string, () => any][]} */
const returned = [
  ['undefined', () => {}],
  ['null', () => null],
  ['a_value', () => ({ not: 'an answer' })],
  ['a_promise_of_nothing', async () => {}],
  ['a_promise_of_a_value', async () => ({ not: 'an answer' })],
]
for (const [what, value] of returned) {
  test(
    `f_h10_${what}_never_ends_an_asynchronous_event`,
    hosted(async (host) => {
      /** @type {Inbox<MiniApiCall>} */
      const inbox = new Inbox()
      host.client.registerPluginEvent('event', (call) => {
        inbox.put(call)
        return value()
      })
      await host.open(event)
      const { callback } = await inbox.next('the call')
      // A second call goes the whole way round: had the first ended, its report would have come before.
      host.client.registerPluginEvent('other', (call) => call.callback.onSuccess({ other: true }))
      await host.open(`wx.invokeNativePlugin({ api_name: 'other', success: ft.report })`, [], 'other')
      assert.equal((await host.reported()).other, true)
      assert.equal(host.client.runningApplets().find(({ appId }) => appId === 'demo')?.callsInFlight, 1)
      callback.onSuccess({ answered: 'afterwards' })
      assert.deepEqual(await host.reported(), { answered: 'afterwards', errMsg: 'invokeNativePlugin:ok' })
      assert.equal(host.client.counters('demo').lateAnswers, 0)
    }),
  )
}

/** @type {[string, (call: MiniApiCall) => any, Record<string, unknown>][]} */
const synchronous = [
  ['by_the_callback', ({ callback }) => callback.onSuccess({ key: 'value' }), { key: 'value', errMsg: 'event:ok' }],
  ['by_failing', ({ callback }) => callback.onFail({ errMsg: 'not today', why: 7 }), { errMsg: 'event:fail not today', why: 7 }],
  ['by_returning_without_an_answer', () => {}, { errMsg: 'event:ok' }],
  ['by_returning_a_value_which_does_not_count', () => ({ not: 'an answer' }), { errMsg: 'event:ok' }],
  ['by_a_promise_without_an_answer', async () => {}, { errMsg: 'event:ok' }],
  ['by_the_callback_inside_a_promise', async ({ callback }) => { await null; callback.onSuccess({ key: 'value' }) }, { key: 'value', errMsg: 'event:ok' }],
]
for (const [how, handler, expected] of synchronous) {
  test(
    `f_h10_a_synchronous_event_ends_${how}`,
    hosted(async (host) => {
      host.client.registerPluginEvent('event', handler, { sync: true })
      const seen = await host.run('ft.report(wx.event({ a: 1 }))', [{ name: 'event', sync: true }])
      assert.deepEqual(seen, expected)
      assert.equal(host.client.counters('demo').lateAnswers, 0)
    }),
  )
}

test(
  'f_h10_a_handler_that_throws_or_rejects_fails_its_event',
  hosted(async (host) => {
    host.client.registerPluginEvent('throws', () => { throw Object.assign(new Error('no camera'), { code: 801 }) })
    host.client.registerPluginEvent('rejects', /** @type {any} */ (async () => { throw new Error('no camera') }))
    const call = (/** @type {string} */ name) => `wx.invokeNativePlugin({ api_name: '${name}', fail: ft.report })`
    await host.open(call('throws'))
    assert.deepEqual(await host.reported(), { errCode: 801, errMsg: 'invokeNativePlugin:fail no camera' })
    await host.open(call('rejects'), [], 'other')
    assert.deepEqual(await host.reported(), { errCode: codes.E_HANDLER.code, errMsg: 'invokeNativePlugin:fail no camera' })
  }),
)

test(
  'f_h10_states_come_in_order_and_before_the_end',
  hosted(async (host) => {
    host.client.registerPluginEvent('event', ({ callback }) => {
      for (const progress of [1, 30, 60, 100]) callback.sendState({ progress })
      callback.sendState('a text, not {"parsed":true}')
      setImmediate(() => callback.onSuccess({ key: 'test' }))
    })
    const { seen } = await host.run(
      `const seen = []
       wx.event({ progress: (state) => seen.push(state), success: (end) => ft.report({ seen: [...seen, end] }) })`,
      ['event'],
    )
    const states = [1, 30, 60, 100].map((progress) => ({ progress }))
    assert.deepEqual(seen, [...states, 'a text, not {"parsed":true}', { key: 'test', errMsg: 'event:ok' }])
  }),
)

test(
  'f_h10_an_event_of_one_mini_program_wins_over_the_one_for_all',
  hosted(async (host) => {
    host.client.registerPluginEvent('event', ({ callback }) => callback.onSuccess({ by: 'all' }))
    const applet = await host.open(`ft.onCustomEvent(() => { ${event} })`)
    applet.registerPluginEvent('event', ({ callback }) => callback.onSuccess({ by: 'one' }))
    host.client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'one')
    applet.unregisterCustomApi('event')
    host.client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'all')
  }),
)

test(
  'f_h10_an_event_that_nobody_answers_ends_with_its_mini_program',
  hosted(async (host) => {
    /** @type {Inbox<MiniApiCall>} */
    const inbox = new Inbox()
    host.client.registerPluginEvent('event', (call) => inbox.put(call))
    const applet = await host.open(event)
    const { extInfo, callback } = await inbox.next('the call')
    const told = new Promise((done) => extInfo.signal.onAbort(done))
    applet.close()
    assert.equal((await told).code, codes.E_CLOSED.code)
    assert.equal(callback.sendState({ too: 'late' }), false)
    callback.onSuccess({ too: 'late' })
  }),
)
