// Before there is an app, without one, and twice the library; without a browser.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { script } from './built.mjs'
import { FakeHost } from './fake_host.mjs'
import { VmPage, jobs } from './vm_page.mjs'

test('f_j40_calls_made_before_the_app_appears_are_sent_in_order_when_it_does', async () => {
  const host = new FakeHost({ apis: { a: () => ({ errMsg: 'a:ok' }), b: () => ({ errMsg: 'b:ok' }) } })
  const page = new VmPage(host, { native: false })
  page.run(
    `globalThis.seen = []; for (const name of ['a', 'b']) ft.callNativeAPI(name, { name }, ({ errMsg }) => seen.push(errMsg))`,
  )
  assert.equal(page.run('globalThis.__fcjs_environment'), undefined)
  page.tick()
  page.bringNative()
  page.tick()
  await jobs()
  assert.deepEqual(
    host.wire.map(({ name, text }) => [name, text]),
    [
      ['initPage', '{}'],
      ['a', '{"name":"a"}'],
      ['b', '{"name":"b"}'],
    ],
  )
  assert.deepEqual(await page.call(() => seen), ['a:ok', 'b:ok'])
  assert.equal(page.run('__fcjs_environment'), 'miniprogram')
  assert.equal(page.timers.size, 0)
})

test('f_j40_what_waited_goes_before_what_is_called_on_the_news', async () => {
  const host = new FakeHost()
  const page = new VmPage(host, { native: false })
  page.run(`ft.miniProgram.getEnv(() => ft.callNativeAPI('second', {}, () => {}))
    ft.callNativeAPI('first', {}, () => {})`)
  page.bringNative()
  page.tick()
  assert.deepEqual(
    host.calls.map(([, name]) => name),
    ['first', 'second'],
  )
})

test('f_j40_a_call_finds_an_app_that_has_just_appeared', () => {
  const host = new FakeHost()
  const page = new VmPage(host, { native: false })
  page.bringNative()
  page.run(`ft.callNativeAPI('a', {}, () => {})`)
  assert.deepEqual(
    host.wire.map(({ name }) => name),
    ['initPage', 'a'],
  )
})

test('f_j40_without_an_app_the_looks_end_and_every_call_fails', async () => {
  const host = new FakeHost()
  const page = new VmPage(host, { native: false })
  const early = page.run(`ft.getLocation().catch((res) => res)`)
  const env = page.run('ft.miniProgram.getEnv()')
  const ready = page.run('ft.ready().catch((res) => res)')
  const delays = []
  while (page.timers.size > 0) {
    delays.push([...page.timers.values()][0]?.delay)
    page.tick()
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 320, 640, 1280])
  const absent = { errMsg: 'getLocation:fail not in a mini-program', errCode: 20009 }
  assert.deepEqual({ ...(await early) }, absent)
  assert.deepEqual({ ...(await page.run(`ft.getLocation().catch((res) => res)`)) }, absent)
  assert.deepEqual(JSON.parse(JSON.stringify(await env)), { env: {}, version: '1.4.20', errMsg: 'getEnv:ok' })
  assert.equal((await ready).errCode, 20009)
  assert.equal(page.run('globalThis.__fcjs_environment'), undefined)
  // Who brings the app's object later still than that is found by the next call.
  page.bringNative()
  page.run(`ft.callNativeAPI('a', {}, () => {})`)
  assert.deepEqual(
    host.wire.map(({ name }) => name),
    ['initPage', 'a'],
  )
})

test('f_j40_at_most_256_calls_wait_for_the_app', async () => {
  const host = new FakeHost()
  const page = new VmPage(host, { native: false })
  page.run(
    `globalThis.seen = []; for (let n = 0; n < 257; n += 1) ft.callNativeAPI('a', { n }, ({ errCode }) => seen.push(errCode))`,
  )
  await jobs()
  assert.deepEqual(await page.call(() => seen), [20007])
  page.bringNative()
  page.tick()
  assert.equal(host.calls.length, 256)
})

test('f_j40_a_second_copy_warns_and_changes_nothing', async () => {
  const host = new FakeHost({ apis: { a: () => undefined } })
  const page = new VmPage(host)
  page.run(
    `globalThis.first = ft; ft.miniProgram.onShow(() => (globalThis.seen = 'shown')); ft.callNativeAPI('a', {}, () => (globalThis.answered = true))`,
  )
  page.run(script)
  assert.deepEqual(page.lines, ['The JSSDK is included twice; the second copy does nothing.'])
  assert.equal(host.sent('initPage').length, 1)
  host.event('onShow', {})
  host.answer(await host.message('a'), {})
  assert.deepEqual(page.run('[first === ft, seen, answered].join()'), 'true,shown,true')
  // Also where the page has put something else in the place of `ft`.
  page.run('ft = undefined')
  page.run(script)
  assert.equal(page.run('ft'), undefined)
  assert.equal(page.lines.length, 2)
})

test('f_j40_another_jssdk_that_was_there_first_stays', () => {
  const host = new FakeHost()
  const page = new VmPage(host, { source: `globalThis.ft = { callNativeAPI() { return 'theirs' } }; ${script}` })
  assert.equal(page.run('ft.callNativeAPI()'), 'theirs')
  assert.equal(page.lines.length, 1)
  assert.deepEqual(host.wire, [])
})

test('f_j40_no_globals_but_those_of_the_interface_are_made', () => {
  const host = new FakeHost()
  const page = new VmPage(host, { source: '' })
  const before = new Set(page.run('Object.getOwnPropertyNames(globalThis)'))
  page.run(script)
  const added = [...page.run('Object.getOwnPropertyNames(globalThis)')].filter(
    (/** @type {string} */ name) => !before.has(name),
  )
  assert.deepEqual(added.sort(), ['FinChatJSBridge', '__fcjs_environment', 'ft'])
  assert.equal(page.run('Object.keys(FinChatJSBridge).length'), 0)
})

test('f_j40_the_host_of_ios_is_reached_through_its_message_handlers', async () => {
  /** @type {any[]} */
  const posted = []
  const handler = {
    postMessage: (/** @type {any} */ message) => {
      posted.push({ ...message })
    },
  }
  const host = new FakeHost()
  const page = new VmPage(host, {
    native: false,
    extra: { webkit: { messageHandlers: { webInvokeHandler: handler } } },
  })
  const answer = page.run(`ft.callNativeAPI('js2AppFunction', { name: 'getColor' })`)
  const [hello, call] = posted
  assert.deepEqual(hello, { C: 'initPage', paramsString: '{}', callbackId: hello.callbackId })
  assert.deepEqual(call, { C: 'js2AppFunction', paramsString: '{"name":"getColor"}', callbackId: hello.callbackId + 1 })
  host.run('webInvokeCallbackHandler', String(call.callbackId), { r: '110', errMsg: 'js2AppFunction:ok' })
  assert.deepEqual({ ...(await answer) }, { r: '110', errMsg: 'js2AppFunction:ok' })
})

test('f_j33_an_app_whose_function_throws_fails_the_call', async () => {
  const host = new FakeHost()
  const page = new VmPage(host, { native: false })
  page.context.FinChatJSCore = {
    webInvokeHandler() {
      throw new Error('proxy is gone')
    },
  }
  const failed = page.run(`ft.callNativeAPI('a', {}).catch((res) => [res.errMsg, res.errCode].join())`)
  assert.equal(await failed, 'a:fail host unavailable,20017')
})

// What a page does to its built-ins, after the library: it spies wherever it can, and then breaks.
const VANDAL = `(() => {
  globalThis.spied = ''
  const { getOwnPropertyDescriptor, defineProperty } = Object
  const { ownKeys } = Reflect
  const text = String
  const spy = (holder, name) => {
    holder[name] = function () { spied += text(name) + ' '; throw new Error('broken ' + text(name)) }
  }
  const holders = [Array, Map, Set, String, Function, Promise, RegExp, ArrayBuffer, DataView]
  const lists = [JSON, Reflect, Object]
  for (let at = 0; at < holders.length; at += 1) lists[lists.length] = holders[at].prototype
  for (let at = 0; at < lists.length; at += 1) {
    const names = ownKeys(lists[at])
    for (let index = 0; index < names.length; index += 1) {
      const { configurable, value } = getOwnPropertyDescriptor(lists[at], names[index])
      if (configurable && typeof value === 'function' && names[index] !== 'constructor') spy(lists[at], names[index])
    }
  }
  Promise.prototype.constructor = function () { spied += 'species ' }
  const inherited = ['token', 'seq', 'call', 'version', 'errMsg', '0', 'then']
  for (let at = 0; at < inherited.length; at += 1) {
    const note = () => { spied += 'member ' + inherited[at] + ' ' }
    defineProperty(Object.prototype, inherited[at], { set: note, configurable: true })
  }
  const globals = ['Promise', 'Map', 'Set', 'String', 'Number', 'queueMicrotask', 'setTimeout', 'crypto', 'console']
  for (let at = 0; at < globals.length; at += 1) globalThis[globals[at]] = undefined
  FinChatJSCore.webInvokeHandler = () => { spied += 'send ' }
  FinChatJSCore = undefined
})()`

test('f_j40_a_page_that_breaks_the_built_ins_neither_stops_nor_hears_the_library', async () => {
  const host = new FakeHost({
    features: ['reply', 'cancel'],
    apis: { pay: (params) => ({ ...params, errMsg: 'pay:ok' }) },
  })
  const page = new VmPage(host)
  await jobs()
  page.run(`globalThis.seen = {}; globalThis.text = JSON.stringify.bind(JSON)`)
  page.run(VANDAL)
  page.run(`ft.callNativeAPI('pay', { sum: 5, list: [1, { two: 2 }] }, (res) => { seen.called = res })
    ft.getLocation({ fail: (res) => { seen.failed = res }, complete: () => { seen.completed = true } })
    ft.onNativeAPIHandler('app2js', (data) => ({ got: data }))`)
  await jobs()
  host.event('app2js', { a: 1 }, 'c-1')
  await jobs()
  assert.deepEqual(JSON.parse(page.run('text(seen)')), {
    called: { sum: 5, list: [1, { two: 2 }], errMsg: 'pay:ok' },
    failed: { errMsg: 'getLocation:fail 该api未实现' },
    completed: true,
  })
  assert.deepEqual(host.replies, [{ call: 'c-1', ok: true, data: { got: { a: 1 } } }])
  assert.equal(page.run('spied'), '')
  assert.deepEqual(page.thrown, [])
})
