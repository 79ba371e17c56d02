// What goes beyond FinClip's transport, and what must hold in a real document: promises of handlers, reloads, frames,
// forged messages, bytes, calls given up. In Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { esModule } from './built.mjs'
import { inPage } from './web_page.mjs'

const FEATURES = ['reply', 'cancel', 'binary']

/** Waits until the page has taken the extensions. @param {import('./fake_host.mjs').FakeHost} host */
const agreed = (host) => host.until(() => host.accepted, 'the page to accept')

const MODULE = `<script type="module">
  import ft, { ft as named } from '/jssdk.mjs'
  globalThis.same = ft === named && ft === globalThis.ft
  globalThis.answer = ft.callNativeAPI('a', {})
</script>`

test('f_j40_the_es_module_does_the_same', inPage(async (page, host) => {
  assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
  assert.equal(await page.evaluate('same'), true)
  assert.deepEqual(host.wire.map(({ name, text }) => [name, text]), [['initPage', '{}'], ['a', '{}']])
}, { html: MODULE, files: { '/jssdk.mjs': esModule }, apis: { a: () => ({ errMsg: 'a:ok' }) } }))

test('f_j40_script_and_module_in_one_page_are_one_library', inPage(async (page, host) => {
  assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
  assert.equal(await page.evaluate('same'), true)
  assert.equal(host.sent('initPage').length, 1)
  assert.deepEqual(page.lines, ['The JSSDK is included twice; the second copy does nothing.'])
}, { html: `<script src="/jssdk.js"></script>${MODULE}`, files: { '/jssdk.mjs': esModule }, apis: { a: () => ({ errMsg: 'a:ok' }) } }))

test('f_j40_an_app_that_comes_later_gets_what_waited', inPage(async (page, host) => {
  await page.call(() => { globalThis.answer = ft.callNativeAPI('a', {}) })
  await page.call(() => bringNative())
  assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
  assert.deepEqual(host.wire.map(({ name }) => name), ['initPage', 'a'])
}, { late: true, apis: { a: () => ({ errMsg: 'a:ok' }) } }))

test('f_j42_a_promise_of_a_handler_reaches_the_app_as_a_message', inPage(async (page, host) => {
  await agreed(host)
  await page.call(() => {
    ft.onNativeAPIHandler('later', async (data) => ({ got: data }))
    ft.onNativeAPIHandler('now', () => 5)
    ft.onNativeAPIHandler('nothing', () => undefined)
    ft.onNativeAPIHandler('rejects', () => Promise.reject(new Error('no luck')))
    ft.onNativeAPIHandler('throws', () => { throw new TypeError('broken') })
    ft.onNativeAPIHandler('throws', () => undefined)
    ft.onNativeAPIHandler('unfit', () => 5n)
  })
  for (const name of ['later', 'now', 'nothing', 'rejects', 'throws', 'unfit', 'unknown']) {
    assert.equal(await host.event(name, { a: 1 }, `call-${name}`), undefined)
  }
  await host.until(() => (host.replies.length === 7 ? true : undefined), 'all replies')
  const replies = Object.fromEntries(host.replies.map(({ call, ...reply }) => [call, reply]))
  assert.deepEqual(replies, {
    'call-later': { ok: true, data: { got: { a: 1 } } },
    'call-now': { ok: true, data: 5 },
    'call-nothing': { ok: true },
    'call-rejects': { ok: false, code: 20010, message: 'no luck' },
    'call-throws': { ok: false, code: 20010, message: 'broken' },
    'call-unfit': { ok: false, code: 20011, message: 'the value cannot be sent' },
    'call-unknown': { ok: false, code: 20006, message: 'no handler of that name' },
  })
}, { features: FEATURES }))

test('f_j42_a_host_without_the_extension_gets_the_promise_itself', inPage(async (page, host) => {
  await page.call(() => { ft.onNativeAPIHandler('later', async () => 'value') })
  assert.equal(await host.event('later', {}), 'value')
  assert.deepEqual(host.calls, [])
}))

test('h_b17_handlers_of_one_name_all_run_though_one_goes_and_one_throws', inPage(async (page, host) => {
  await agreed(host)
  await page.call(() => {
    globalThis.seen = []
    const goes = () => { seen.push('goes'); ft.offNativeAPIHandler('a', goes) }
    ft.onNativeAPIHandler('a', goes)
    ft.onNativeAPIHandler('a', () => { seen.push('throws'); throw new Error('thrown by a handler') })
    ft.onNativeAPIHandler('a', () => { seen.push('stays'); return 'value' })
  })
  await host.event('a', {}, 'one')
  await host.event('a', {}, 'two')
  assert.deepEqual(await page.call(() => seen), ['goes', 'throws', 'stays', 'throws', 'stays'])
  await host.until(() => host.replies[1], 'both replies')
  assert.deepEqual(host.replies, ['one', 'two'].map((call) => ({ call, ok: true, data: 'value' })))
  assert.equal(page.lines.filter((line) => line.includes('thrown by a handler')).length, 2)
}, { features: FEATURES }))

for (const features of [undefined, FEATURES]) {
  test(`f_j43_no_answer_of_an_earlier_document_reaches_the_next_one${features ? '_with_extensions' : ''}`, inPage(async (page, host) => {
    await page.call(() => { ft.callNativeAPI('slow', {}, () => undefined) })
    const old = { ...await host.message('slow'), stamp: host.stamp() }
    await page.reload()
    await host.message('initPage', 2)
    await page.call(() => ft.ready())
    await page.call(() => { globalThis.seen = []; ft.callNativeAPI('slow', {}, (res) => seen.push(res)) })
    const call = await host.message('slow', 2)
    await host.run('webInvokeCallbackHandler', old.id, { old: true, errMsg: 'slow:ok' }, ...(old.stamp ? [old.stamp] : []))
    await host.run('webInvokeCallbackHandler', host.sent('initPage')[0]?.id, 99)
    const counters = await page.call(() => ft.counters())
    assert.equal(features ? counters.refused : counters.unknown, 2)
    await host.answer(call, { errMsg: 'slow:ok' })
    assert.deepEqual(await page.call(() => seen), [{ errMsg: 'slow:ok' }])
    assert.equal((await page.call(() => ft.ready())).pageId, 4242)
  }, { ...(features && { features }), apis: { slow: () => undefined } }))
}

test('f_j43_a_document_that_comes_back_ends_its_calls_and_begins_anew', inPage(async (page, host) => {
  await agreed(host)
  await page.call(() => {
    globalThis.seen = []
    ft.callNativeAPI('slow', {}, (res) => seen.push(res))
    ft.onNativeAPIHandler('ask', () => new Promise((done) => { globalThis.finish = done }))
  })
  const { id } = await host.message('slow')
  await host.event('ask', {}, 'of the first')
  const old = { token: host.token, seq: 3 }
  await page.call(() => { dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })) })
  assert.deepEqual(await page.call(() => seen), [{ errMsg: 'slow:fail page is gone', errCode: 20018 }])
  const [first, second] = [await host.message('initPage'), await host.message('initPage', 2)]
  assert.notEqual(first.id, second.id)
  await host.message('finapp.accept', 2)
  await page.call(() => { /** @type {any} */ (globalThis).finish('too late') })
  await host.run('webInvokeCallbackHandler', id, { errMsg: 'slow:ok' }, old)
  assert.deepEqual(await page.call(() => ft.callNativeAPI('quick', {})), { errMsg: 'quick:ok' })
  assert.deepEqual(host.replies, [])
  assert.equal((await page.call(() => seen)).length, 1)
}, { features: FEATURES, apis: { slow: () => undefined, quick: () => ({ errMsg: 'quick:ok' }) } }))

test('f_j44_a_frame_in_the_page_is_refused_and_sends_nothing', inPage(async (page, host) => {
  const frame = `document.querySelector('iframe').contentWindow`
  assert.deepEqual(await page.evaluate(`${frame}.ft.callNativeAPI('a', {}).catch((res) => res)`),
    { errMsg: 'a:fail only the page itself may call, not a frame in it', errCode: 20005 })
  assert.deepEqual(await page.evaluate(`${frame}.ft.miniProgram.getEnv()`), { env: {}, version: '1.4.20', errMsg: 'getEnv:ok' })
  assert.equal(await page.evaluate(`typeof ${frame}.FinChatJSCore.webInvokeHandler`), 'function')
  assert.equal(host.sent('initPage').length, 1)
  assert.deepEqual(await page.call(() => ft.callNativeAPI('a', {})), { errMsg: 'a:ok' })
}, {
  html: '<script src="/jssdk.js"></script><iframe src="/frame.html"></iframe>',
  files: { '/frame.html': '<script src="/jssdk.js"></script>' },
  apis: { a: () => ({ errMsg: 'a:ok' }) },
}))

test('h_b6_scripts_of_the_page_cannot_answer_its_calls_nor_replace_who_takes_answers', inPage(async (page, host) => {
  await agreed(host)
  await page.call(() => {
    globalThis.seen = []
    ft.callNativeAPI('pay', {}, (res) => seen.push(res.errMsg))
  })
  const { id } = await host.message('pay')
  await page.call((id) => {
    for (let near = id - 50; near < id + 50; near += 1) FinChatJSBridge.webInvokeCallbackHandler(near, { errMsg: 'pay:ok forged' })
    FinChatJSBridge.webSubscribeCallBackHandler('onWebviewEvent', {})
    for (const name of ['webInvokeCallbackHandler', 'webSubscribeCallBackHandler']) {
      try { FinChatJSBridge[name] = () => seen.push('spied') } catch { /* a strict script is told */ }
    }
    FinChatJSCore.webInvokeHandler = () => seen.push('spied')
    for (const other of [{ webInvokeCallbackHandler: () => seen.push('spied') }, null, 'x']) globalThis.FinChatJSBridge = other
    try { delete globalThis.FinChatJSBridge } catch { /* as above */ }
  }, id)
  assert.equal((await page.call(() => ft.counters())).refused, 101)
  await host.answer({ method: 'webInvokeHandler', id }, { errMsg: 'pay:ok' })
  await page.call(() => ft.callNativeAPI('a', {}).catch(() => undefined))
  assert.deepEqual(await page.call(() => seen), ['pay:ok'])
}, { features: FEATURES, apis: { pay: () => undefined } }))

test('h_b18_the_app_can_put_calls_in_order_by_their_ids', inPage(async (page, host) => {
  await page.call(() => Promise.all(Array.from({ length: 50 }, (_, n) => ft.callNativeAPI('a', { n }))))
  const shuffled = [...host.wire].sort((left, right) => (left.id * 7919) % 101 - (right.id * 7919) % 101)
  const ordered = shuffled.sort((left, right) => left.id - right.id)
  assert.deepEqual(ordered.map(({ name, params }) => [name, params.n]),
    [['initPage', undefined], ...Array.from({ length: 50 }, (_, n) => ['a', n])])
  assert.ok(ordered.every(({ id }, index) => id === /** @type {any} */ (ordered[0]).id + index))
}, { apis: { a: () => ({ errMsg: 'a:ok' }) } }))

test('h_b10_members_that_scripts_could_mistake_for_code_or_prototypes_are_data', inPage(async (page, host) => {
  const nasty = JSON.parse('{"a":"</script>\\u2028\\u2029`${x}`\\u0000","constructor":{"x":1},"errMsg":"echo:ok"}')
  host.apis.echo = () => nasty
  assert.deepEqual(await page.call(() => ft.callNativeAPI('echo', {})), nasty)
  await page.call((text) => { globalThis.seen = []; ft.onNativeAPIHandler('a', (data) => seen.push(data)); void text }, '')
  await page.evaluate(`FinChatJSBridge.webSubscribeCallBackHandler('a', JSON.parse('{"__proto__":{"polluted":1}}'))`)
  await page.evaluate(`ft.callNativeAPI('late', {}, (res) => seen.push(res))`)
  const { id } = await host.message('late')
  await page.evaluate(`FinChatJSBridge.webInvokeCallbackHandler(${id}, JSON.parse('{"__proto__":{"polluted":1},"errMsg":"late:ok"}'))`)
  assert.equal(await page.evaluate(`seen.map((each) => each.polluted + ' ' + Object.keys(each)).join('; ')`),
    'undefined __proto__; undefined __proto__,errMsg')
}, { apis: { late: () => undefined } }))

test('f_j33_a_signal_gives_a_call_up_and_the_app_hears_of_it', inPage(async (page, host) => {
  await agreed(host)
  await page.call(() => {
    globalThis.seen = []
    globalThis.own = new AbortController()
    const { signal } = globalThis.own
    const note = (/** @type {any} */ res) => seen.push([res.errMsg, res.errCode])
    ft.callNativeAPI('slow', { n: 1 }, { signal }).catch(note)
    ft.callNativeAPI('slow', { n: 2 }, note, { signal })
    ft.request({ url: 'https://a.example', signal, fail: note })
    ft.callNativeAPI('quick', {}, { signal })
  })
  const slow = await host.message('slow')
  await page.call(() => globalThis.own.abort())
  await host.message('finapp.cancel', 3)
  assert.deepEqual(host.sent('finapp.cancel').map(({ params }) => params.id - slow.id), [0, 1, 2])
  assert.deepEqual((await page.call(() => seen)).sort(), [['request:fail cancel', 20020], ['slow:fail cancel', 20020], ['slow:fail cancel', 20020]])
  await host.answer(slow, { errMsg: 'slow:ok' })
  const already = await page.call(() => ft.callNativeAPI('slow', {}, { signal: globalThis.own.signal }).catch((res) => res.errCode))
  assert.equal(already, 20020)
  assert.deepEqual(host.sent('request').map(({ text }) => text), ['{"url":"https://a.example"}'])
  assert.equal(host.sent('slow').length, 2)
}, { features: FEATURES, apis: { slow: () => undefined, request: () => undefined, quick: () => ({ errMsg: 'quick:ok' }) } }))

test('f_j33_a_host_without_the_extension_hears_nothing_of_a_call_given_up', inPage(async (page, host) => {
  const code = await page.call(async () => {
    const own = new AbortController()
    const ended = ft.callNativeAPI('slow', {}, { signal: own.signal }).catch((res) => res.errCode)
    own.abort()
    return ended
  })
  assert.equal(code, 20020)
  assert.deepEqual(host.calls, [['webInvokeHandler', 'slow', '{}']])
}, { apis: { slow: () => undefined } }))

test('f_j40_a_call_given_up_while_it_waits_for_the_app_is_never_sent', inPage(async (page, host) => {
  await page.call(async () => {
    const own = new AbortController()
    const ended = ft.callNativeAPI('gone', {}, { signal: own.signal }).catch(() => undefined)
    own.abort()
    await ended
    bringNative()
    await ft.callNativeAPI('a', {})
  })
  assert.deepEqual(host.calls, [['webInvokeHandler', 'a', '{}']])
}, { late: true, apis: { a: () => ({ errMsg: 'a:ok' }) } }))
