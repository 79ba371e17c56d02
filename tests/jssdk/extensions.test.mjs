// What goes beyond FinClip's transport: promises of handlers, and calls that are given up. In Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreed, inPage } from './web_page.mjs'

const FEATURES = ['reply', 'cancel', 'binary']

test(
  'f_j42_a_promise_of_a_handler_reaches_the_app_as_a_message',
  inPage(
    async (page, host) => {
      await agreed(host)
      await page.call(() => {
        ft.onNativeAPIHandler('later', async (data) => ({ got: data }))
        ft.onNativeAPIHandler('now', () => 5)
        ft.onNativeAPIHandler('nothing', () => undefined)
        ft.onNativeAPIHandler('rejects', () => Promise.reject(new Error('no luck')))
        ft.onNativeAPIHandler('throws', () => {
          throw new TypeError('broken')
        })
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
    },
    { features: FEATURES },
  ),
)

test(
  'f_j42_a_host_without_the_extension_gets_the_promise_itself',
  inPage(async (page, host) => {
    await page.call(() => {
      ft.onNativeAPIHandler('later', async () => 'value')
    })
    assert.equal(await host.event('later', {}), 'value')
    assert.deepEqual(host.calls, [])
  }),
)

test(
  'h_b17_handlers_of_one_name_all_run_though_one_goes_and_one_throws',
  inPage(
    async (page, host) => {
      await agreed(host)
      await page.call(() => {
        globalThis.seen = []
        const goes = () => {
          seen.push('goes')
          ft.offNativeAPIHandler('a', goes)
        }
        ft.onNativeAPIHandler('a', goes)
        ft.onNativeAPIHandler('a', () => {
          seen.push('throws')
          throw new Error('thrown by a handler')
        })
        ft.onNativeAPIHandler('a', () => {
          seen.push('stays')
          return 'value'
        })
      })
      await host.event('a', {}, 'one')
      await host.event('a', {}, 'two')
      assert.deepEqual(await page.call(() => seen), ['goes', 'throws', 'stays', 'throws', 'stays'])
      await host.until(() => host.replies[1], 'both replies')
      assert.deepEqual(
        host.replies,
        ['one', 'two'].map((call) => ({ call, ok: true, data: 'value' })),
      )
      assert.equal(page.lines.filter((line) => line.includes('thrown by a handler')).length, 2)
    },
    { features: FEATURES },
  ),
)

test(
  'f_j33_a_signal_gives_a_call_up_and_the_app_hears_of_it',
  inPage(
    async (page, host) => {
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
      assert.deepEqual(
        host.sent('finapp.cancel').map(({ params }) => params.id - slow.id),
        [0, 1, 2],
      )
      assert.deepEqual((await page.call(() => seen)).sort(), [
        ['request:fail cancel', 20020],
        ['slow:fail cancel', 20020],
        ['slow:fail cancel', 20020],
      ])
      await host.answer(slow, { errMsg: 'slow:ok' })
      const already = await page.call(() =>
        ft.callNativeAPI('slow', {}, { signal: globalThis.own.signal }).catch((res) => res.errCode),
      )
      assert.equal(already, 20020)
      assert.deepEqual(
        host.sent('request').map(({ text }) => text),
        ['{"url":"https://a.example"}'],
      )
      assert.equal(host.sent('slow').length, 2)
    },
    {
      features: FEATURES,
      apis: { slow: () => undefined, request: () => undefined, quick: () => ({ errMsg: 'quick:ok' }) },
    },
  ),
)

test(
  'f_j33_a_host_without_the_extension_hears_nothing_of_a_call_given_up',
  inPage(
    async (page, host) => {
      const code = await page.call(async () => {
        const own = new AbortController()
        const ended = ft.callNativeAPI('slow', {}, { signal: own.signal }).catch((res) => res.errCode)
        own.abort()
        return ended
      })
      assert.equal(code, 20020)
      assert.deepEqual(host.calls, [['webInvokeHandler', 'slow', '{}']])
    },
    { apis: { slow: () => undefined } },
  ),
)

test(
  'f_j40_a_call_given_up_while_it_waits_for_the_app_is_never_sent',
  inPage(
    async (page, host) => {
      await page.call(async () => {
        const own = new AbortController()
        const ended = ft.callNativeAPI('gone', {}, { signal: own.signal }).catch(() => undefined)
        own.abort()
        await ended
        bringNative()
        await ft.callNativeAPI('a', {})
      })
      assert.deepEqual(host.calls, [['webInvokeHandler', 'a', '{}']])
    },
    { late: true, apis: { a: () => ({ errMsg: 'a:ok' }) } },
  ),
)

test(
  'f_j33_a_call_that_fails_and_is_given_up_at_once_ends_once',
  inPage(async (page) => {
    const ends = await page.call(async () => {
      globalThis.seen = []
      const own = new AbortController()
      const deep = { bytes: new ArrayBuffer(1) }
      ft.callNativeAPI('up', { deep }, ({ errCode }) => seen.push(errCode), { signal: own.signal })
      own.abort()
      await ft.callNativeAPI('a', {}).catch(() => undefined)
      return seen
    })
    assert.deepEqual(ends, [20020])
  }),
)
