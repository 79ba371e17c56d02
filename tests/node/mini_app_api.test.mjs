// TCMPP's styles of registration: the envelope that a handler is given, and what ends its call.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted, Inbox, refused } from './support.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').MiniApiCall} MiniApiCall */
/** @typedef {import('../../finapp/types/libfinapp/index.js').MiniApiParams} MiniApiParams */

/** A mini-program that calls `customApi` once and reports every callback in its order. */
const calls = `
  const seen = []
  const note = (kind) => (value) => seen.push([kind, value])
  wx.customApi({ param1: 'test', success: note('success'), fail: note('fail'), progress: note('progress'),
    complete() { setTimeout(() => ft.report({ seen }), 0) } })`

/** The same through the generic call, with `data` as the text of an expression. */
const plugin = (/** @type {string} */ data) =>
  `wx.invokeNativePlugin({ api_name: 'customApi', data: ${data}, success: ft.report, fail: ft.report })`

const ok = { errMsg: 'invokeNativePlugin:ok' }

test(
  'f_h09_a_handler_is_given_the_call_with_its_envelope',
  hosted(
    async (host) => {
      /** @type {any} */
      let given
      host.client.registerMiniAppApi('customApi', async (call) => {
        given = call
        return { echo: call.params.data }
      })
      const offlineLibraryPath = host.write('demo', plugin(`{ param1: 'test', param2: 189, success: 'kept' }`))
      const appInfo = { version: '1.2.3', versionType: 3, time: 1_700_000_000_000, name: 'Demo', extraData: { a: [1] } }
      await host.client.startApplet({ appId: 'demo', apiServer: 'https://api.example', offlineLibraryPath, appInfo })
      const data = { param1: 'test', param2: 189, success: 'kept' }
      assert.deepEqual(await host.reported(), { echo: data, ...ok })
      const envelope = { stateEvent: 'requestCustomApi', api_name: 'customApi', data, webviewId: 0 }
      assert.deepEqual(given.params, envelope)
      assert.equal(JSON.stringify(given.params), JSON.stringify(envelope))
      assert.deepEqual(given.rawParams, data)
      assert.equal(given.apiName, 'customApi')
      assert.equal(given.webViewId, 0)
      assert.deepEqual(given.appInfo, { appId: 'demo', apiServer: 'https://api.example', userId: 'user-1', ...appInfo })
      assert.equal(given.appInfo, given.appInfo)
      assert.equal(typeof given.callback.onSuccess, 'function')
      assert.equal(given.extInfo.name, 'customApi')
      assert.equal(given.extInfo.spoken, 'invokeNativePlugin')
      assert.equal(given.extInfo.apiServer, 'https://api.example')
    },
    { currentUserId: 'user-1' },
  ),
)

/** What the mini-program passes, and what arrives. @type {[string, string, Partial<MiniApiParams>][]} */
const forms = [
  ['no_data', plugin('undefined'), { data: {} }],
  ['null', plugin('null'), { data: {} }],
  ['an_object', plugin('{ a: { data: 1 } }'), { data: /** @type {any} */ ({ a: { data: 1 } }) }],
  ['an_object_with_data_inside', plugin('{ data: { a: 1 } }'), { data: { data: { a: 1 } } }],
  ['a_list', plugin('[1, [2], {}]'), { data: {}, rawData: [1, [2], {}] }],
  ['a_text', plugin(`'{"not":"parsed"}'`), { data: {}, rawData: '{"not":"parsed"}' }],
  ['an_empty_text', plugin(`''`), { data: {}, rawData: '' }],
  ['a_number', plugin('0'), { data: {}, rawData: 0 }],
  ['a_boolean', plugin('false'), { data: {}, rawData: false }],
  ['a_binary', plugin('new Uint8Array([1, 2, 3])'), { data: {}, rawData: new Uint8Array([1, 2, 3]) }],
  ['an_object_with_a_binary', plugin('{ b: new Uint8Array([1]) }'), { data: { b: new Uint8Array([1]) } }],
  ['flat_options', `wx.customApi({ name: '123', age: '18', success: ft.report })`, { data: { name: '123', age: '18' } }],
  ['flat_options_and_no_more', 'wx.customApi({ success: ft.report })', { data: {} }],
  ['options_with_data_alone', 'wx.customApi({ data: { name: 1 }, success: ft.report })', { data: { name: 1 } }],
  ['options_with_data_among_others', 'wx.customApi({ data: { a: 1 }, b: 2, success: ft.report })', { data: { data: { a: 1 }, b: 2 } }],
  ['options_with_a_list_as_data', 'wx.customApi({ data: [1], success: ft.report })', { data: { data: [1] } }],
  ['options_with_one_other_member', 'wx.customApi({ date: { a: 1 }, success: ft.report })', { data: { date: { a: 1 } } }],
]
for (const [what, script, expected] of forms) {
  test(
    `f_h09_${what}_arrive${what.startsWith('flat') || what.startsWith('options') ? '' : 's'}_in_the_envelope`,
    hosted(async (host) => {
      /** @type {MiniApiParams | undefined} */
      let params
      host.client.registerMiniAppApi('customApi', async (call) => {
        params = call.params
        return null
      })
      await host.run(script, ['customApi'])
      assert.deepEqual(params, { stateEvent: 'requestCustomApi', api_name: 'customApi', webviewId: 0, ...expected })
    }),
  )
}

test(
  'f_h09_what_the_caller_wrote_is_there_beside_the_envelope',
  hosted(async (host) => {
    /** @type {unknown[]} */
    const written = []
    host.client.registerMiniAppApi('customApi', async ({ rawParams }) => void written.push(rawParams))
    await host.run(
      `const call = (options) => new Promise((success) => wx.customApi({ ...options, success }))
       call({ data: { a: 1 } }).then(() => call({ a: 1 })).then(() => { ${plugin('[1]')} })`,
      ['customApi'],
    )
    assert.deepEqual(written, [{ data: { a: 1 } }, { a: 1 }, [1]])
  }),
)

/** @type {[string, (call: MiniApiCall) => any, unknown][]} */
const endings = [
  ['by_a_promise', async () => ({ key: 'test' }), ['success', { key: 'test', errMsg: 'customApi:ok' }]],
  ['by_a_value', () => ({ key: 'test' }), ['success', { key: 'test', errMsg: 'customApi:ok' }]],
  ['by_a_list', async () => [1, 2], ['success', { data: [1, 2], errMsg: 'customApi:ok' }]],
  ['by_null', () => null, ['success', { errMsg: 'customApi:ok' }]],
  ['by_nothing', () => {}, ['success', { errMsg: 'customApi:ok' }]],
  ['by_a_promise_of_null', async () => null, ['success', { errMsg: 'customApi:ok' }]],
  ['by_a_promise_of_nothing', async () => {}, ['success', { errMsg: 'customApi:ok' }]],
  ['by_the_callback_before_it_returns', async ({ callback }) => callback.onSuccess({ by: 'callback' }), ['success', { by: 'callback', errMsg: 'customApi:ok' }]],
  ['by_the_callback_before_it_returns_null', ({ callback }) => (callback.onSuccess({ by: 'callback' }), null), ['success', { by: 'callback', errMsg: 'customApi:ok' }]],
  ['by_failing_through_the_callback', ({ callback }) => callback.onFail('no camera'), ['fail', { errMsg: 'customApi:fail no camera' }]],
  ['by_throwing', () => { throw new Error('no camera') }, ['fail', { errCode: codes.E_HANDLER.code, errMsg: 'customApi:fail no camera' }]],
  ['by_rejecting', async () => { throw new Error('no camera') }, ['fail', { errCode: codes.E_HANDLER.code, errMsg: 'customApi:fail no camera' }]],
  ['by_rejecting_with_a_code', async () => { throw Object.assign(new Error('no camera'), { code: 801 }) }, ['fail', { errCode: 801, errMsg: 'customApi:fail no camera' }]],
  ['by_rejecting_with_a_code_that_is_no_number', async () => { throw Object.assign(new Error('no camera'), { code: 'E801' }) }, ['fail', { errCode: codes.E_HANDLER.code, errMsg: 'customApi:fail no camera' }]],
]
for (const [how, handler, expected] of endings) {
  test(
    `f_h09_a_handler_ends_its_call_${how}`,
    hosted(async (host) => {
      host.client.registerMiniAppApi('customApi', handler)
      const { seen } = await host.run(calls, ['customApi'])
      assert.deepEqual(seen, [expected])
      assert.equal(host.client.counters('demo').lateAnswers, 0)
    }),
  )
}

test(
  'f_h09_the_registration_for_one_mini_program_wins',
  hosted(async (host) => {
    host.client.registerMiniAppApi('customApi', async () => ({ by: 'all' }))
    const listens = `ft.onCustomEvent(() => wx.customApi({ success: ft.report }))`
    const one = await host.open(listens, ['customApi'], 'one')
    await host.open(listens, ['customApi'], 'two')
    one.registerMiniAppApi('customApi', async ({ appInfo }) => ({ by: appInfo.appId }))
    host.client.sendCustomEvent('one', {})
    assert.equal((await host.reported()).by, 'one')
    host.client.sendCustomEvent('two', {})
    assert.equal((await host.reported()).by, 'all')
    assert.equal(one.unregisterCustomApi('customApi'), true)
    host.client.sendCustomEvent('one', {})
    assert.equal((await host.reported()).by, 'all')
  }),
)

test(
  'f_h09_one_name_changes_its_style_with_its_registration',
  hosted(async (host) => {
    /** @type {unknown[]} */
    const given = []
    const flat = (/** @type {import('./support.mjs').InvokeArgs} */ { params }) => ({ count: given.push(params) })
    host.client.registerCustomApi('customApi', flat)
    await host.open(`ft.onCustomEvent(() => wx.customApi({ a: 1, complete: ft.report }))`, ['customApi'])
    host.client.sendCustomEvent('demo', {})
    await host.reported()
    host.client.registerMiniAppApi('customApi', ({ params }) => void given.push(params))
    host.client.sendCustomEvent('demo', {})
    await host.reported()
    host.client.registerCustomApi('customApi', flat)
    host.client.sendCustomEvent('demo', {})
    await host.reported()
    const envelope = { stateEvent: 'requestCustomApi', api_name: 'customApi', data: { a: 1 }, webviewId: 0 }
    assert.deepEqual(given, [{ a: 1 }, envelope, { a: 1 }])
  }),
)

test(
  'f_h09_progress_goes_through_the_callback_of_the_call',
  hosted(async (host) => {
    host.client.registerMiniAppApi('customApi', async ({ callback }) => {
      for (const progress of [1, 30, 60, 100]) assert.equal(callback.sendState({ progress }), true)
      return { key: 'test' }
    })
    const { seen } = await host.run(calls, ['customApi'])
    const states = [1, 30, 60, 100].map((progress) => ['progress', { progress }])
    assert.deepEqual(seen, [...states, ['success', { key: 'test', errMsg: 'customApi:ok' }]])
  }),
)

test(
  'f_h09_a_handler_is_told_when_its_mini_program_goes_away',
  hosted(async (host) => {
    /** @type {Inbox<MiniApiCall>} */
    const inbox = new Inbox()
    host.client.registerMiniAppApi('customApi', (call) => {
      inbox.put(call)
      return new Promise(() => {})
    })
    const applet = await host.open('wx.customApi({})', ['customApi'])
    const { extInfo } = await inbox.next('the call')
    const told = new Promise((done) => extInfo.signal.onAbort(done))
    applet.close()
    assert.equal((await told).code, codes.E_CLOSED.code)
  }),
)

test(
  'f_h09_a_synchronous_call_gets_the_value_the_payload_or_the_failure',
  hosted(async (host) => {
    host.client.registerMiniAppApi('value', ({ params }) => ({ echo: params.data }), { sync: true })
    host.client.registerMiniAppApi('nothing', async () => null, { sync: true })
    host.client.registerMiniAppApi('failing', async () => { throw new Error('no') }, { sync: true })
    const seen = await host.run(
      `ft.report({ value: wx.value({ a: 1 }), nothing: wx.nothing(), failing: wx.failing().errMsg })`,
      ['value', 'nothing', 'failing'].map((name) => ({ name, sync: true })),
    )
    const value = { echo: { a: 1 }, errMsg: 'value:ok' }
    assert.deepEqual(seen, { value, nothing: { errMsg: 'nothing:ok' }, failing: 'failing:fail no' })
  }),
)

test(
  'f_h09_what_a_handler_changes_in_its_call_no_other_call_sees',
  hosted(async (host) => {
    host.client.registerMiniAppApi('customApi', async (call) => {
      const before = { params: { ...call.params }, appInfo: { ...call.appInfo } }
      Object.assign(call.params, { stateEvent: 'changed', webviewId: 9 })
      call.appInfo.name = 'changed'
      return before
    })
    const seen = await host.run(
      `wx.customApi({ success() { wx.customApi({ success: ft.report }) } })`,
      ['customApi'],
    )
    assert.deepEqual(seen.params, { stateEvent: 'requestCustomApi', api_name: 'customApi', data: {}, webviewId: 0 })
    assert.deepEqual(seen.appInfo, { appId: 'demo' })
  }),
)

test(
  'f_h09_a_description_that_is_wrong_is_refused_by_its_field',
  hosted(async (host) => {
    const offlineLibraryPath = host.write('demo', '')
    const start = (/** @type {any} */ appInfo) => host.client.startApplet({ appId: 'demo', offlineLibraryPath, appInfo })
    await refused(() => start({ versionType: 7 }), { ...codes.E_PARAM, message: /^appInfo\.versionType: / })
    await refused(() => start({ time: 'now' }), { ...codes.E_PARAM, message: /^appInfo\.time: / })
    await refused(() => start({ title: 'x' }), { ...codes.E_PARAM, message: /^appInfo.*title/ })
  }),
)

test(
  'f_h09_arguments_that_are_wrong_are_refused_by_their_name',
  hosted(async (host) => {
    const applet = await host.open('')
    const nothing = async () => null
    for (const target of [host.client, applet]) {
      for (const register of /** @type {const} */ (['registerMiniAppApi', 'registerPluginEvent'])) {
        const call = (/** @type {any[]} */ ...given) => () => /** @type {any} */ (target)[register](...given)
        await refused(call(5, nothing), { ...codes.E_PARAM, message: /^name: / })
        await refused(call('customApi', {}), { ...codes.E_PARAM, message: /^handler: / })
        await refused(call('customApi', nothing, { snyc: true }), { ...codes.E_PARAM, message: /^options\.snyc: / })
        await refused(call('not a name', nothing), codes.E_PARAM)
      }
    }
    await host.client.shutdown()
    await refused(() => host.client.registerMiniAppApi('customApi', nothing), codes.E_CLOSED)
  }),
)
