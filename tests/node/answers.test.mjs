// Custom APIs that answer later or at once: what a handler is given, and how its answer arrives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted } from './support.mjs'

/** A mini-program that calls `scan` once and reports every callback in its order. */
const calls = `
  const seen = []
  const note = (kind) => (value) => seen.push([kind, value])
  ft.scan({ code: 'qr', success: note('success'), fail: note('fail'), cancel: note('cancel'),
    progress: note('progress'), complete() { seen.push(['complete']); setTimeout(() => ft.report({ seen }), 0) } })`

test(
  'f_h02_a_handler_is_given_params_callback_and_ext_info',
  hosted(async (host) => {
    /** @type {any} */
    let given
    host.client.registerCustomApi('scan', (args) => {
      given = args
      return {}
    })
    const offlineLibraryPath = host.write('demo', `ft.scan({ codeType: ['qr'], success: ft.report })`, ['scan'])
    await host.client.startApplet({ appId: 'demo', apiServer: 'https://api.example', offlineLibraryPath })
    await host.reported()
    assert.equal(given.extInfo, given.extInfo)
    assert.deepEqual(Object.keys(given), ['params', 'callback', 'extInfo'])
    assert.deepEqual(given.params, { codeType: ['qr'] })
    const { callId, ...known } = given.extInfo
    assert.equal(typeof callId, 'number')
    assert.deepEqual(known, {
      appId: 'demo',
      apiServer: 'https://api.example',
      webviewId: 0,
      name: 'scan',
      source: 'miniprogram',
      spoken: 'direct',
      sync: false,
    })
    assert.equal(given.extInfo.signal.aborted, false)
    assert.equal(given.extInfo.signal, given.extInfo.signal)
  }),
)

test(
  'f_h02_ext_info_says_which_function_the_mini_program_called',
  hosted(async (host) => {
    host.client.registerCustomApi('myApiName', ({ params, extInfo }) => ({ spoken: extInfo.spoken, params }))
    const seen = await host.run(`wx.invokeNativePlugin({ api_name: 'myApiName', data: { name: 'kka' }, success: ft.report })`)
    assert.equal(seen.spoken, 'invokeNativePlugin')
    assert.deepEqual(seen.params, { name: 'kka' })
  }),
)

/** @typedef {import('./support.mjs').InvokeArgs} InvokeArgs */
/** @type {[string, (args: InvokeArgs) => Object | void, unknown[]][]} */
const endings = [
  ['by onSuccess', ({ callback }) => callback.onSuccess({ code: '42' }), [['success', { code: '42', errMsg: 'scan:ok' }], ['complete']]],
  ['by onSuccess without data', ({ callback }) => callback.onSuccess(), [['success', { errMsg: 'scan:ok' }], ['complete']]],
  ['by onSuccess with null', ({ callback }) => callback.onSuccess(/** @type {any} */ (null)), [['success', { errMsg: 'scan:ok' }], ['complete']]],
  ['by onSuccess with a text', ({ callback }) => callback.onSuccess('42'), [['success', { data: '42', errMsg: 'scan:ok' }], ['complete']]],
  ['by onSuccess with a list', ({ callback }) => callback.onSuccess([4, 2]), [['success', { data: [4, 2], errMsg: 'scan:ok' }], ['complete']]],
  ['by returning an object', () => ({ code: '42' }), [['success', { code: '42', errMsg: 'scan:ok' }], ['complete']]],
  ['by returning a number', () => 0, [['success', { data: 0, errMsg: 'scan:ok' }], ['complete']]],
  ['by returning a promise', async () => ({ code: '42' }), [['success', { code: '42', errMsg: 'scan:ok' }], ['complete']]],
  ['by callback from a promise', async ({ callback }) => void callback.onSuccess({ code: '42' }), [['success', { code: '42', errMsg: 'scan:ok' }], ['complete']]],
  ['later', ({ callback }) => void setImmediate(() => callback.onSuccess({ late: true })), [['success', { late: true, errMsg: 'scan:ok' }], ['complete']]],
  ['by onFail with an object', ({ callback }) => callback.onFail({ code: 7, errMsg: 'no camera' }), [['fail', { code: 7, errMsg: 'scan:fail no camera' }], ['complete']]],
  ['by onFail with a text', ({ callback }) => callback.onFail('no camera'), [['fail', { errMsg: 'scan:fail no camera' }], ['complete']]],
  ['by onFail with an Error', ({ callback }) => callback.onFail(new Error('no camera')), [['fail', { errMsg: 'scan:fail no camera' }], ['complete']]],
  ['by onFail with an Error that has a code', ({ callback }) => callback.onFail(Object.assign(new Error('no camera'), { code: 801 })), [['fail', { code: 801, errCode: 801, errMsg: 'scan:fail no camera' }], ['complete']]],
  ['by onFail without data', ({ callback }) => callback.onFail(), [['fail', { errMsg: 'scan:fail' }], ['complete']]],
  ['by onCancel', ({ callback }) => callback.onCancel(), [['fail', { errCode: 20020, errMsg: 'scan:fail cancel' }], ['cancel', { errCode: 20020, errMsg: 'scan:fail cancel' }], ['complete']]],
]
for (const [how, handler, expected] of endings) {
  test(
    `f_h02_a_handler_answers_${how.replaceAll(' ', '_')}`,
    hosted(async (host) => {
      host.client.registerCustomApi('scan', handler)
      const { seen } = await host.run(calls, ['scan'])
      assert.deepEqual(withoutResult(seen), expected)
    }),
  )
}

/**
 * The results as the callbacks saw them; `complete` sees the same again.
 * @param {unknown[][]} seen
 */
function withoutResult(seen) {
  return seen.map(([kind, value]) => (kind === 'complete' ? [kind] : [kind, value]))
}

/** @param {unknown[][]} seen */
const kinds = (seen) => seen.map(([kind]) => kind)

test(
  'f_h02_undefined_from_a_promise_is_no_answer',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', async ({ callback }) => {
      setImmediate(() => callback.onSuccess({ answered: 'afterwards' }))
    })
    const { seen } = await host.run(calls, ['scan'])
    assert.deepEqual(seen[0], ['success', { answered: 'afterwards', errMsg: 'scan:ok' }])
  }),
)

test(
  'f_h03_a_registration_for_one_applet_wins_over_the_one_for_all',
  hosted(async (host) => {
    host.client.registerCustomApi('who', () => ({ by: 'all' }))
    const one = await host.open(`ft.onCustomEvent(() => ft.who({ success: ft.report }))`, ['who'], 'one')
    await host.open(`ft.onCustomEvent(() => ft.who({ success: ft.report }))`, ['who'], 'two')
    one.registerCustomApi('who', ({ extInfo }) => ({ by: extInfo.appId }))
    host.client.sendCustomEvent('one', {})
    assert.equal((await host.reported()).by, 'one')
    host.client.sendCustomEvent('two', {})
    assert.equal((await host.reported()).by, 'all')
    assert.equal(one.unregisterCustomApi('who'), true)
    assert.equal(one.unregisterCustomApi('who'), false)
    one.sendCustomEvent({})
    assert.equal((await host.reported()).by, 'all')
  }),
)

test(
  'f_h05_progress_arrives_in_order_and_before_the_one_end',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', ({ callback }) => {
      assert.equal(callback.onProgress({ progress: 1 }), true)
      assert.equal(callback.sendState({ progress: 30 }), true)
      for (let progress = 31; progress <= 100; progress++) callback.onProgress({ progress })
      callback.onSuccess({ key: 'test' })
      assert.equal(callback.onProgress({ progress: 101 }), false)
    })
    const { seen } = await host.run(calls, ['scan'])
    const states = /** @type {[string, any][]} */ (seen.slice(0, -2))
    assert.deepEqual(states.map(([kind, state]) => [kind, state.progress]), [
      ['progress', 1],
      ...Array.from({ length: 71 }, (_, index) => ['progress', 30 + index]),
    ])
    assert.deepEqual(kinds(seen.slice(-2)), ['success', 'complete'])
  }),
)

test(
  'f_h05_a_state_that_cannot_be_sent_is_refused_and_the_call_goes_on',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', ({ callback }) => {
      assert.equal(callback.onProgress(10n), false)
      callback.onSuccess()
    })
    const { seen } = await host.run(calls, ['scan'])
    assert.deepEqual(kinds(seen), ['success', 'complete'])
  }),
)

test(
  'f_h08_names_are_replaced_and_taken_back_at_any_time',
  hosted(async (host) => {
    const { client } = host
    client.registerCustomApi('who', () => ({ by: 'first' }))
    await host.open(`ft.onCustomEvent(() => ft.who({ success: ft.report, fail: ft.report }))`, ['who'])
    client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'first')
    client.registerCustomApi('who', () => ({ by: 'second' }))
    client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'second')
    assert.equal(client.unregisterCustomApi('who'), true)
    client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).errCode, 20006)
    assert.equal(client.unregisterCustomApi('who'), false)
  }),
)

test(
  'f_h08_a_running_call_keeps_its_handler_also_when_it_replaces_itself',
  hosted(async (host) => {
    const { client } = host
    client.registerCustomApi('who', ({ callback }) => {
      client.registerCustomApi('who', () => ({ by: 'second' }))
      client.unregisterCustomApi('who')
      client.registerCustomApi('who', () => ({ by: 'third' }))
      callback.onSuccess({ by: 'first' })
    })
    await host.open(`ft.onCustomEvent(() => ft.who({ success: ft.report }))`, ['who'])
    client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'first')
    client.sendCustomEvent('demo', {})
    assert.equal((await host.reported()).by, 'third')
  }),
)

test(
  'h_c8_a_handler_that_registers_a_thousand_apis_does_not_block_itself',
  hosted(async (host) => {
    const { client } = host
    client.registerCustomApi('many', () => {
      for (let index = 0; index < 1_000; index++) client.registerCustomApi(`api${index}`, () => ({ index }))
      return {}
    })
    const seen = await host.run(
      `ft.many({ success() { ft.loadExtApi([{ name: 'api999' }]); ft.api999({ success: ft.report }) } })`,
      ['many'],
    )
    assert.equal(seen.index, 999)
  }),
)

test(
  'h_c1_what_a_handler_throws_fails_its_call_and_nothing_else',
  hosted(async (host) => {
    const hostile = { get message() { throw new Error('no') }, get code() { throw new Error('no') } }
    /** @type {[unknown, string][]} */
    const thrown = [
      [new Error('no camera'), 'scan:fail no camera'],
      ['no camera', 'scan:fail no camera'],
      [null, 'scan:fail handler failed'],
      [undefined, 'scan:fail handler failed'],
      [hostile, 'scan:fail handler failed'],
      [Symbol('no'), 'scan:fail handler failed'],
    ]
    let round = 0
    host.client.registerCustomApi('scan', () => { throw thrown[round]?.[0] })
    await host.open(`ft.onCustomEvent(() => ft.scan({ fail: ft.report }))`, ['scan'])
    for (; round < thrown.length; round++) {
      host.client.sendCustomEvent('demo', {})
      const seen = await host.reported()
      assert.equal(seen.errMsg, thrown[round]?.[1])
      assert.equal(seen.errCode, codes.E_HANDLER.code)
    }
  }),
)

test(
  'h_c1_a_thrown_message_is_cut_and_brings_no_stack',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', () => { throw new Error('\u{e9}'.repeat(10_000)) })
    const seen = await host.run(`ft.scan({ fail: ft.report })`, ['scan'])
    const message = seen.errMsg.slice('scan:fail '.length)
    assert.ok(Buffer.byteLength(message) <= 1024 && message.length > 500)
    assert.ok(!/at .*mjs/.test(JSON.stringify(seen)))
  }),
)

test(
  'h_c1_a_thrown_error_keeps_the_number_that_the_host_gave_it',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', () => { throw Object.assign(new Error('busy'), { code: 1300001 }) })
    const seen = await host.run(`ft.scan({ fail: ft.report })`, ['scan'])
    assert.deepEqual(seen, { errCode: 1300001, errMsg: 'scan:fail busy' })
  }),
)

test(
  'h_c2_a_rejected_promise_fails_its_call',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', async () => { throw new Error('no camera') })
    const seen = await host.run(`ft.scan({ fail: ft.report })`, ['scan'])
    assert.deepEqual(seen, { errCode: codes.E_HANDLER.code, errMsg: 'scan:fail no camera' })
  }),
)

test(
  'h_c2_a_promise_that_ends_after_the_applet_reaches_nobody',
  hosted(async (host) => {
    /** @type {(value: object) => void} */
    let fulfil = () => {}
    /** @type {(reason: unknown) => void} */
    let reject = () => {}
    const answers = [new Promise((done) => { fulfil = done }), new Promise((_, failed) => { reject = failed })]
    host.client.registerCustomApi('scan', () => answers.pop())
    const applet = await host.open(`ft.scan({}); ft.scan({}); ft.report({})`, ['scan'])
    await host.reported()
    applet.close()
    await host.event('closed')
    fulfil({ too: 'late' })
    reject(new Error('too late'))
    await Promise.allSettled(answers)
    assert.deepEqual(await host.run('ft.report({ alive: true })'), { alive: true })
    assert.equal(applet.counters().lateAnswers, 2)
  }),
)

test(
  'h_c4_the_first_answer_counts_and_the_others_are_counted',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', ({ callback }) => {
      callback.onSuccess({ n: 1 })
      callback.onSuccess({ n: 2 })
      callback.onFail({ n: 3 })
      callback.onCancel()
      assert.equal(callback.onProgress({ n: 4 }), false)
      return { n: 5 }
    })
    const { seen } = await host.run(calls, ['scan'])
    assert.deepEqual(withoutResult(seen), [['success', { n: 1, errMsg: 'scan:ok' }], ['complete']])
    const counters = host.client.counters('demo')
    assert.equal(counters.lateAnswers, 4)
    assert.equal(counters.progressDropped, 1)
  }),
)

test(
  'h_c4_an_answer_that_cannot_be_sent_fails_the_call',
  hosted(async (host) => {
    /** @type {any} */
    const circle = { name: 'circle' }
    circle.itself = circle
    const deep = JSON.parse('['.repeat(100) + ']'.repeat(100))
    const answers = [circle, { big: 10n }, () => {}, Symbol('s'), { text: 'x'.repeat(2 ** 20) }, deep, { get bad() { throw new Error('no') } }]
    host.client.registerCustomApi('scan', ({ callback }) => callback.onSuccess(answers.shift()))
    await host.open(`ft.onCustomEvent(() => ft.scan({ success: ft.report, fail: ft.report }))`, ['scan'])
    while (answers.length > 0) {
      host.client.sendCustomEvent('demo', {})
      const seen = await host.reported()
      assert.equal(seen.errCode, codes.E_HANDLER_RESULT.code, JSON.stringify(seen))
    }
  }),
)
