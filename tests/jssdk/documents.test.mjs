// How the library gets into a document, and what a reload, a return and a frame do to its calls. In Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { esModule } from './built.mjs'
import { agreed, inPage } from './web_page.mjs'

const FEATURES = ['reply', 'cancel', 'binary']

const MODULE = `<script type="module">
  import ft, { ft as named } from '/jssdk.mjs'
  globalThis.same = ft === named && ft === globalThis.ft
  globalThis.answer = ft.callNativeAPI('a', {})
</script>`

test(
  'f_j40_the_es_module_does_the_same',
  inPage(
    async (page, host) => {
      assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
      assert.equal(await page.evaluate('same'), true)
      assert.deepEqual(
        host.wire.map(({ name, text }) => [name, text]),
        [
          ['initPage', '{}'],
          ['a', '{}'],
        ],
      )
    },
    { html: MODULE, files: { '/jssdk.mjs': esModule }, apis: { a: () => ({ errMsg: 'a:ok' }) } },
  ),
)

test(
  'f_j40_script_and_module_in_one_page_are_one_library',
  inPage(
    async (page, host) => {
      assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
      assert.equal(await page.evaluate('same'), true)
      assert.equal(host.sent('initPage').length, 1)
      assert.deepEqual(page.lines, ['The JSSDK is included twice; the second copy does nothing.'])
    },
    {
      html: `<script src="/jssdk.js"></script>${MODULE}`,
      files: { '/jssdk.mjs': esModule },
      apis: { a: () => ({ errMsg: 'a:ok' }) },
    },
  ),
)

test(
  'f_j40_an_app_that_comes_later_gets_what_waited',
  inPage(
    async (page, host) => {
      await page.call(() => {
        globalThis.answer = ft.callNativeAPI('a', {})
      })
      await page.call(() => bringNative())
      assert.deepEqual(await page.evaluate('answer'), { errMsg: 'a:ok' })
      assert.deepEqual(
        host.wire.map(({ name }) => name),
        ['initPage', 'a'],
      )
    },
    { late: true, apis: { a: () => ({ errMsg: 'a:ok' }) } },
  ),
)

for (const features of [undefined, FEATURES]) {
  test(
    `f_j43_no_answer_of_an_earlier_document_reaches_the_next_one${features ? '_with_extensions' : ''}`,
    inPage(
      async (page, host) => {
        await page.call(() => {
          ft.callNativeAPI('slow', {}, () => undefined)
        })
        const old = { ...(await host.message('slow')), stamp: host.stamp() }
        await page.reload()
        await host.message('initPage', 2)
        await page.call(() => ft.ready())
        await page.call(() => {
          globalThis.seen = []
          ft.callNativeAPI('slow', {}, (res) => seen.push(res))
        })
        const call = await host.message('slow', 2)
        await host.run(
          'webInvokeCallbackHandler',
          old.id,
          { old: true, errMsg: 'slow:ok' },
          ...(old.stamp ? [old.stamp] : []),
        )
        await host.run('webInvokeCallbackHandler', host.sent('initPage')[0]?.id, 99)
        const counters = await page.call(() => ft.counters())
        assert.equal(features ? counters.refused : counters.unknown, 2)
        await host.answer(call, { errMsg: 'slow:ok' })
        assert.deepEqual(await page.call(() => seen), [{ errMsg: 'slow:ok' }])
        assert.equal((await page.call(() => ft.ready())).pageId, 4242)
      },
      { ...(features && { features }), apis: { slow: () => undefined } },
    ),
  )
}

test(
  'f_j43_a_document_that_comes_back_ends_its_calls_and_begins_anew',
  inPage(
    async (page, host) => {
      await agreed(host)
      await page.call(() => {
        globalThis.seen = []
        ft.callNativeAPI('slow', {}, (res) => seen.push(res))
        ft.onNativeAPIHandler(
          'ask',
          () =>
            new Promise((done) => {
              globalThis.finish = done
            }),
        )
      })
      const { id } = await host.message('slow')
      await host.event('ask', {}, 'of the first')
      const old = { token: host.token, seq: 3 }
      await page.call(() => {
        dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))
      })
      assert.deepEqual(await page.call(() => seen), [{ errMsg: 'slow:fail page is gone', errCode: 20018 }])
      const [first, second] = [await host.message('initPage'), await host.message('initPage', 2)]
      assert.notEqual(first.id, second.id)
      await host.message('finapp.accept', 2)
      await page.call(() => {
        ;/** @type {any} */ (globalThis).finish('too late')
      })
      await host.run('webInvokeCallbackHandler', id, { errMsg: 'slow:ok' }, old)
      assert.deepEqual(await page.call(() => ft.callNativeAPI('quick', {})), { errMsg: 'quick:ok' })
      assert.deepEqual(host.replies, [])
      assert.equal((await page.call(() => seen)).length, 1)
    },
    { features: FEATURES, apis: { slow: () => undefined, quick: () => ({ errMsg: 'quick:ok' }) } },
  ),
)

test(
  'f_j44_a_frame_in_the_page_is_refused_and_sends_nothing',
  inPage(
    async (page, host) => {
      const frame = `document.querySelector('iframe').contentWindow`
      assert.deepEqual(await page.evaluate(`${frame}.ft.callNativeAPI('a', {}).catch((res) => res)`), {
        errMsg: 'a:fail only the page itself may call, not a frame in it',
        errCode: 20005,
      })
      assert.deepEqual(await page.evaluate(`${frame}.ft.miniProgram.getEnv()`), {
        env: {},
        version: '1.4.20',
        errMsg: 'getEnv:ok',
      })
      assert.equal(await page.evaluate(`typeof ${frame}.FinChatJSCore.webInvokeHandler`), 'function')
      assert.equal(host.sent('initPage').length, 1)
      assert.deepEqual(await page.call(() => ft.callNativeAPI('a', {})), { errMsg: 'a:ok' })
    },
    {
      html: '<script src="/jssdk.js"></script><iframe src="/frame.html"></iframe>',
      files: { '/frame.html': '<script src="/jssdk.js"></script>' },
      apis: { a: () => ({ errMsg: 'a:ok' }) },
    },
  ),
)

test(
  'f_j40_elements_that_look_like_globals_are_none',
  inPage(
    async (page) => {
      assert.deepEqual(await page.call(() => ft.callNativeAPI('a', {})), { errMsg: 'a:ok' })
      assert.equal(await page.evaluate('Object.prototype.toString.call(ft)'), '[object Object]')
    },
    {
      html: '<div id="ft"></div><div id="FinChatJSBridge"></div><script src="/jssdk.js"></script>',
      apis: { a: () => ({ errMsg: 'a:ok' }) },
    },
  ),
)
