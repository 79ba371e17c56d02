// The library against a host that sends late, twice, in another order, too early, or nonsense; without a browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeHost } from './fake_host.mjs'
import { VmPage, jobs } from './vm_page.mjs'

const FEATURES = ['reply', 'cancel', 'binary']

/** Calls `name` and keeps what comes back in `seen[key]`. */
const ask = (/** @type {VmPage} */ page, /** @type {string} */ name, key = name) =>
  page.run(
    `globalThis.seen ??= {}; ft.callNativeAPI(${JSON.stringify(name)}, {}, (res) => { (seen[${JSON.stringify(key)}] ??= []).push(res) })`,
  )

const seen = (/** @type {VmPage} */ page) => JSON.parse(page.run('JSON.stringify(globalThis.seen ?? {})'))

test('f_j33_the_first_message_is_init_page_with_an_empty_object', async () => {
  const host = new FakeHost({ apis: { scan: () => ({ errMsg: 'scan:ok' }) } })
  const page = new VmPage(host)
  ask(page, 'scan')
  await jobs()
  assert.deepEqual(
    host.wire.map(({ method, name, text }) => [method, name, text]),
    [
      ['webInvokeHandler', 'initPage', '{}'],
      ['webInvokeHandler', 'scan', '{}'],
    ],
  )
  assert.deepEqual(await page.call(() => ft.ready()), { pageId: 4242, errMsg: 'ready:ok' })
})

test('h_b18_messages_are_numbered_without_a_gap_from_a_number_nobody_can_guess', () => {
  const firsts = new Set()
  for (let document = 0; document < 20; document += 1) {
    const host = new FakeHost()
    const page = new VmPage(host)
    for (let call = 0; call < 5; call += 1) ask(page, 'scan')
    const ids = host.wire.map(({ id }) => id)
    assert.deepEqual(
      ids,
      ids.map((_, index) => /** @type {number} */ (ids[0]) + index),
    )
    assert.ok(ids.every((id) => id < 2 ** 31))
    firsts.add(ids[0])
  }
  assert.equal(firsts.size, 20)
})

test('h_b18_messages_of_the_app_that_come_shuffled_are_taken_in_order', async () => {
  const host = new FakeHost({ features: FEATURES })
  const page = new VmPage(host)
  await jobs()
  page.run(`globalThis.seen = []; ft.miniProgram.onWebviewEvent(({ n }) => seen.push(n))`)
  const order = [4, 1, 0, 3, 5, 2]
  const stamps = order.map(() => host.stamp())
  for (const n of order) host.run('webSubscribeCallBackHandler', 'onWebviewEvent', { n }, 4242, null, stamps[n])
  assert.deepEqual(seen(page), [0, 1, 2, 3, 4, 5])
  assert.equal(page.timers.size, 0)
})

test('h_b18_a_message_that_never_comes_is_waited_for_once_and_counted', async () => {
  const host = new FakeHost({ features: FEATURES })
  const page = new VmPage(host)
  await jobs()
  page.run(`globalThis.seen = []; ft.miniProgram.onWebviewEvent(({ n }) => seen.push(n))`)
  const stamps = [0, 1, 2, 3].map(() => host.stamp())
  const send = (/** @type {number} */ n) =>
    host.run('webSubscribeCallBackHandler', 'onWebviewEvent', { n }, 4242, null, stamps[n])
  send(1)
  send(3)
  assert.deepEqual(seen(page), [])
  assert.deepEqual(
    [...page.timers.values()].map(({ delay }) => delay),
    [100],
  )
  page.tick()
  assert.deepEqual(seen(page), [1])
  page.tick()
  assert.deepEqual(seen(page), [1, 3])
  send(0)
  send(3)
  assert.deepEqual(seen(page), [1, 3])
  const { missing, repeated } = await page.call(() => ft.counters())
  assert.deepEqual([missing, repeated], [2, 2])
})

test('h_b18_a_message_before_the_answer_to_init_page_waits_for_it', async () => {
  const host = new FakeHost({ features: FEATURES })
  host.pageId = 0
  const page = new VmPage(host)
  ask(page, 'scan')
  const [hello, scan] = host.wire
  const offer = { token: host.token, seq: 0, version: 1, features: FEATURES }
  host.run('webInvokeCallbackHandler', scan?.id, { errMsg: 'scan:fail no' }, { token: 'x'.repeat(22), seq: 1 })
  host.run('webInvokeCallbackHandler', scan?.id, { errMsg: 'scan:ok' }, { token: host.token, seq: 1 })
  assert.deepEqual(seen(page), {})
  host.run('webInvokeCallbackHandler', hello?.id, 7, offer)
  assert.deepEqual(seen(page), { scan: [{ errMsg: 'scan:ok' }] })
})

test('f_j33_a_second_late_or_unknown_answer_is_ignored_and_counted', async () => {
  const host = new FakeHost({ apis: { scan: () => undefined } })
  const page = new VmPage(host)
  ask(page, 'scan')
  const { id } = await host.message('scan')
  host.run('webInvokeCallbackHandler', String(id), { n: 1, errMsg: 'scan:ok' })
  host.run('webInvokeCallbackHandler', id, { n: 2, errMsg: 'scan:ok' })
  host.run('webInvokeCallbackHandler', id + 1000, { n: 3 })
  assert.deepEqual(seen(page), { scan: [{ n: 1, errMsg: 'scan:ok' }] })
  assert.equal((await page.call(() => ft.counters())).unknown, 2)
})

test('h_b10_malformed_messages_of_the_app_change_nothing_and_are_counted', async () => {
  const host = new FakeHost({ apis: { scan: () => undefined } })
  const page = new VmPage(host)
  ask(page, 'scan')
  const { id } = await host.message('scan')
  for (const bad of [undefined, null, {}, [], true, 1.5, -1, 0, '', 'x', '1e3', ' 1', '01', [id], { valueOf: 1 }]) {
    host.run('webInvokeCallbackHandler', bad, { errMsg: 'scan:ok' })
  }
  for (const bad of [undefined, null, 5, '', {}, ['onShow']]) host.run('webSubscribeCallBackHandler', bad, {})
  host.run('webInvokeCallbackHandler')
  host.run('webSubscribeCallBackHandler')
  assert.deepEqual(seen(page), {})
  const { malformed } = await page.call(() => ft.counters())
  assert.equal(malformed, 23)
  host.answer(await host.message('scan'), { errMsg: 'scan:ok' })
  assert.equal(seen(page).scan.length, 1)
})

test('h_b6_with_the_extensions_only_messages_with_the_token_of_this_document_count', async () => {
  const host = new FakeHost({ features: FEATURES, apis: { pay: () => undefined } })
  const page = new VmPage(host)
  await jobs()
  ask(page, 'pay')
  page.run('ft.onNativeAPIHandler("refund", () => (seen.refunded = true))')
  const { id } = await host.message('pay')
  const forged = [
    [],
    [null],
    ['x'],
    [{}],
    [{ seq: 1 }],
    [{ token: '', seq: 1 }],
    [{ token: 'document-2-of-this-test', seq: 1 }],
  ]
  for (const stamp of forged) {
    host.run('webInvokeCallbackHandler', id, { errMsg: 'pay:ok' }, ...stamp)
    host.run('webSubscribeCallBackHandler', 'refund', {}, 4242, null, ...stamp)
  }
  assert.deepEqual(seen(page), {})
  assert.equal((await page.call(() => ft.counters())).refused, 2 * forged.length)
  for (const seq of [undefined, -1, 1.5, '1', null]) {
    host.run('webInvokeCallbackHandler', id, { errMsg: 'pay:ok' }, { token: host.token, seq })
  }
  assert.deepEqual(seen(page), {})
  host.answer({ method: 'webInvokeHandler', id }, { errMsg: 'pay:fail no' })
  assert.deepEqual(seen(page), { pay: [{ errMsg: 'pay:fail no' }] })
})

test('h_b6_an_offer_that_is_none_leaves_the_page_without_extensions', async () => {
  for (const offer of [
    null,
    7,
    'x',
    {},
    { token: 'short', version: 1 },
    { token: 'x'.repeat(32), version: 2 },
    { token: 5, version: 1 },
    { token: 'x'.repeat(129), version: 1, features: FEATURES },
  ]) {
    const host = new FakeHost({ apis: { scan: () => ({ errMsg: 'scan:ok' }) } })
    host.pageId = 0
    const page = new VmPage(host)
    host.run('webInvokeCallbackHandler', (await host.message('initPage')).id, 9, offer)
    ask(page, 'scan')
    await jobs()
    assert.deepEqual(host.calls, [['webInvokeHandler', 'scan', '{}']])
    assert.deepEqual(host.sent('finapp.accept'), [])
    assert.deepEqual(seen(page).scan, [{ errMsg: 'scan:ok' }])
  }
})

test('h_b6_only_features_that_both_know_are_accepted', async () => {
  const host = new FakeHost({ features: ['teleport', 'reply', /** @type {any} */ (5), 'rep', ',reply,'] })
  new VmPage(host)
  await jobs()
  assert.deepEqual(host.accepted, ['reply'])
})

test('f_j33_what_an_answer_means', async () => {
  const ok = false
  const failed = true
  for (const [answer, fails, errMsg] of /** @type {Array<[unknown, boolean, string]>} */ ([
    [{}, ok, 'scan:ok'],
    [{ errMsg: '' }, ok, 'scan:ok'],
    [{ errMsg: null }, ok, 'scan:ok'],
    [{ errMsg: 'scan:ok' }, ok, 'scan:ok'],
    [{ errMsg: 'scan:ok two' }, ok, 'scan:ok two'],
    [{ errMsg: 'scan:fail' }, failed, 'scan:fail'],
    [{ errMsg: 'scan:fail no camera' }, failed, 'scan:fail no camera'],
    [{ errMsg: 'other:fail x' }, failed, 'other:fail x'],
    [{ errMsg: 'scan: fail' }, failed, 'scan: fail'],
    [{ errMsg: 'fail' }, failed, 'fail'],
    [{ errMsg: 'scan:cancel' }, failed, 'scan:fail cancel'],
    [{ errMsg: 'scan:cancel by user' }, failed, 'scan:fail cancel by user'],
    ['{"errMsg":"scan:fail as text"}', failed, 'scan:fail as text'],
    ['no json', failed, 'scan:fail the answer is not an object'],
    [null, failed, 'scan:fail the answer is not an object'],
    [5, failed, 'scan:fail the answer is not an object'],
    [[1], failed, 'scan:fail the answer is not an object'],
    [{ errMsg: 5 }, failed, 'scan:fail the answer has an errMsg that is no text'],
  ])) {
    const host = new FakeHost({ apis: { scan: () => /** @type {any} */ (answer) } })
    const page = new VmPage(host)
    const promised = page.call(() =>
      ft.callNativeAPI('scan').then(
        (/** @type {any} */ res) => ['ok', res.errMsg],
        (/** @type {any} */ res) => ['failed', res.errMsg],
      ),
    )
    assert.deepEqual(await promised, [fails ? 'failed' : 'ok', errMsg], JSON.stringify(answer))
  }
})

test('f_j33_an_answer_that_the_function_of_the_app_returns_counts', async () => {
  for (const [returned, errMsg] of [
    ['{"errMsg":"scan:ok now"}', 'scan:ok now'],
    [{ errMsg: 'scan:ok now' }, 'scan:ok now'],
    [Promise.resolve('{"errMsg":"scan:ok soon"}'), 'scan:ok soon'],
    [{ then: (/** @type {any} */ _, /** @type {any} */ bad) => bad('gone') }, 'scan:fail host unavailable'],
    ...['', 'null', '0', 'true', 'no json', undefined, null, 0, false].map((none) => [none, 'scan:ok follows']),
  ]) {
    const host = new FakeHost({ apis: { scan: () => undefined } })
    host.returns.scan = returned
    const page = new VmPage(host)
    ask(page, 'scan')
    assert.deepEqual(seen(page), {}, 'callbacks never run inside the call')
    await jobs()
    host.answer(await host.message('scan'), { errMsg: 'scan:ok follows' })
    assert.deepEqual(
      seen(page).scan.map((/** @type {any} */ res) => res.errMsg),
      [errMsg],
    )
  }
})

test('f_j33_members_arrive_as_they_were_sent', async () => {
  const text = '</script>\u2028\u2029"\\${x}\0 \ud800 й 漢 😀'
  const host = new FakeHost({ apis: { echo: (params) => ({ ...params, errMsg: 'echo:ok' }) } })
  const page = new VmPage(host)
  const sent = { text, list: [1, null, { a: -0.5 }], deep: { constructor: 1, toString: 'x' } }
  const { errMsg, ...got } = await page.call((/** @type {any} */ data) => ft.callNativeAPI('echo', data), sent)
  assert.deepEqual(got, sent)
  assert.equal(errMsg, 'echo:ok')
})

test('f_j33_parameters_that_cannot_travel_fail_the_call_alone', async () => {
  const host = new FakeHost()
  const page = new VmPage(host)
  const outcome = (/** @type {string} */ source) =>
    page.run(`ft.callNativeAPI('x', ${source}).then(() => 'ok', (res) => [res.errMsg, res.errCode])`)
  for (const [source, text, code] of [
    ['(() => { const a = {}; a.a = a; return a })()', 'the parameters cannot be sent', 20004],
    ['{ n: 1n }', 'the parameters cannot be sent', 20004],
    ['{ toJSON() { return 5 } }', 'the parameters cannot be sent', 20004],
    ['"text"', 'parameter error: parameter should be Object instead of String;', 10001],
    ['[1]', 'parameter error: parameter should be Object instead of Array;', 10001],
  ]) {
    assert.deepEqual([...(await outcome(/** @type {string} */ (source)))], [`x:fail ${text}`, code], String(source))
  }
  assert.deepEqual(host.calls, [])
})

test('h_b7_names_of_the_transport_are_no_apis', async () => {
  const host = new FakeHost({ features: FEATURES })
  const page = new VmPage(host)
  await jobs()
  for (const name of ['initPage', 'finapp.reply', 'finapp.cancel', '', 5, null, undefined, {}]) {
    const code = page.run(`ft.callNativeAPI(${JSON.stringify(name)}, {}).catch((res) => res.errCode)`)
    assert.equal(await code, 10001)
  }
  assert.deepEqual(host.calls, [])
})

test('f_j33_a_callback_that_throws_keeps_no_other_from_running', async () => {
  const host = new FakeHost({ apis: { getLocation: () => ({ errMsg: 'getLocation:ok' }), a: () => ({}) } })
  const page = new VmPage(host)
  page.run(`globalThis.seen = []
    ft.getLocation({ success() { throw new Error('in success') }, complete: () => seen.push('complete') })
    ft.callNativeAPI('a', {}, () => { throw new Error('in callback') })
    ft.callNativeAPI('a', {}, () => seen.push('next'))`)
  await jobs()
  assert.deepEqual(seen(page), ['complete', 'next'])
  assert.equal(page.thrown.length, 2)
})

test('f_j32_a_member_named_signal_that_is_none_travels_as_data', async () => {
  const host = new FakeHost({ apis: { request: () => ({ errMsg: 'request:ok' }) } })
  const page = new VmPage(host)
  await page.run(`ft.request({ url: 'https://a.example', signal: 'green' })`)
  assert.deepEqual(host.calls, [['webInvokeHandler', 'request', '{"url":"https://a.example","signal":"green"}']])
})

test('f_j33_callbacks_never_run_inside_the_call', async () => {
  const host = new FakeHost()
  const page = new VmPage(host)
  page.run(`globalThis.seen = []
    for (const [name, data] of [['a', [1]], ['a', { n: 1n }], ['', {}]]) {
      ft.callNativeAPI(name, data, ({ errCode }) => seen.push(errCode))
    }
    seen.push('returned')`)
  await jobs()
  assert.deepEqual(seen(page), ['returned', 10001, 20004, 10001])
})
