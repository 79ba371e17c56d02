// What the app and the mini-program send to a page, and the APIs that an app registers itself: in Chromium, with the
// messages letter by letter.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage } from './web_page.mjs'

for (const [title, name, data] of /** @type {Array<[string, 'onShow' | 'onHide' | 'onUnload', object]>} */ ([
  ['f_j11_on_show_hears_the_event_of_the_app', 'onShow', { data: { a: '1' } }],
  ['f_j12_on_hide_hears_the_event_of_the_app', 'onHide', {}],
  ['f_j13_on_unload_hears_the_event_of_the_app', 'onUnload', {}],
])) {
  test(
    title,
    inPage(async (page, host) => {
      await page.call((name) => {
        globalThis.seen = []
        for (const listener of ['first', 'second'])
          ft.miniProgram[name]((data) => {
            seen.push([listener, data])
          })
        ft.miniProgram[name](/** @type {any} */ (5))
      }, name)
      await host.event(name, data)
      assert.deepEqual(await page.call(() => seen), [
        ['first', data],
        ['second', data],
      ])
      assert.deepEqual(page.lines, [`ft.miniProgram.${name} should accept a function instead of number`])
      assert.deepEqual(host.calls, [])
    }),
  )
}

test(
  'f_j14_on_webview_event_hears_what_the_mini_program_sends',
  inPage(async (page, host) => {
    await page.call(() => {
      globalThis.seen = []
      ft.miniProgram.onWebviewEvent((e) => {
        seen.push(['first', e.test])
        e.test = 'changed'
      })
      ft.miniProgram.onWebviewEvent((e) => {
        seen.push(['second', e.test])
      })
    })
    await host.event('onWebviewEvent', { test: 123 })
    assert.deepEqual(await page.call(() => seen), [
      ['first', 123],
      ['second', 123],
    ])
  }),
)

test(
  'f_j15_off_webview_event_takes_one_listener_away_or_all',
  inPage(async (page, host) => {
    await page.call(() => {
      globalThis.seen = []
      globalThis.first = () => {
        seen.push('first')
      }
      for (const listener of [
        globalThis.first,
        () => {
          seen.push('second')
        },
        globalThis.first,
      ])
        ft.miniProgram.onWebviewEvent(listener)
    })
    await host.event('onWebviewEvent', {})
    await page.call(() => {
      ft.miniProgram.offWebviewEvent(globalThis.first)
    })
    await host.event('onWebviewEvent', {})
    await page.call(() => {
      ft.miniProgram.offWebviewEvent()
    })
    await host.event('onWebviewEvent', {})
    assert.deepEqual(await page.call(() => seen), ['first', 'second', 'first', 'second'])
  }),
)

test(
  'f_j33_call_native_api_gives_success_and_failure_to_its_one_callback',
  inPage(
    async (page, host) => {
      const ask = (/** @type {string} */ name) =>
        new Promise((done) => {
          const returned = ft.callNativeAPI('js2AppFunction', { name }, (result) => done([returned ?? null, result]))
        })
      const color = { r: '110', g: '150', b: '150', errMsg: 'js2AppFunction:ok' }
      assert.deepEqual(await page.call(ask, 'getColor'), [null, color])
      assert.deepEqual(await page.call(ask, 'none'), [null, { errMsg: 'js2AppFunction:fail none', code: 7 }])
      assert.deepEqual(
        host.calls,
        ['getColor', 'none'].map((name) => ['webInvokeHandler', 'js2AppFunction', `{"name":"${name}"}`]),
      )
    },
    {
      apis: {
        js2AppFunction: ({ name }) =>
          name === 'getColor'
            ? { r: '110', g: '150', b: '150', errMsg: 'js2AppFunction:ok' }
            : { code: 7, errMsg: 'js2AppFunction:fail none' },
      },
    },
  ),
)

test(
  'f_j33_call_native_api_without_a_callback_gives_a_promise',
  inPage(
    async (page, host) => {
      assert.deepEqual(await page.call(() => ft.callNativeAPI('a', { n: 1 })), { got: { n: 1 }, errMsg: 'a:ok' })
      assert.deepEqual(await page.call(() => ft.callNativeAPI('a')), { got: {}, errMsg: 'a:ok' })
      assert.deepEqual(await page.call(() => ft.callNativeAPI('unknown').catch((result) => ['rejected', result])), [
        'rejected',
        { errMsg: 'unknown:fail 该api未实现' },
      ])
      assert.deepEqual(
        host.calls.map(([, name, text]) => [name, text]),
        [
          ['a', '{"n":1}'],
          ['a', '{}'],
          ['unknown', '{}'],
        ],
      )
    },
    { apis: { a: (params) => ({ got: params, errMsg: 'a:ok' }) } },
  ),
)

test(
  'f_j34_regist_native_api_handler_has_one_callback_and_keeps_it',
  inPage(async (page, host) => {
    await page.call(() => {
      ft.registNativeAPIHandler('app2jsFunction', () => 'first')
      ft.registNativeAPIHandler('app2jsFunction', (data) => ({ got: data }))
      ft.offNativeAPIHandler('app2jsFunction')
    })
    assert.deepEqual(await host.event('app2jsFunction', { a: 1 }), { got: { a: 1 } })
    assert.deepEqual(await host.event('app2jsFunction', 'funParams'), { got: 'funParams' })
  }),
)

test(
  'f_j36_on_native_api_handler_gives_its_value_to_the_app',
  inPage(async (page, host) => {
    await page.call(() => {
      globalThis.seen = []
      ft.onNativeAPIHandler('app2jsFunction', (data) => {
        seen.push(['first', data])
      })
      ft.onNativeAPIHandler('app2jsFunction', (data) => {
        seen.push(['second', data])
        return { success: true }
      })
      ft.onNativeAPIHandler('app2jsFunction', (data) => {
        seen.push(['third', data])
        return 'not this'
      })
    })
    assert.deepEqual(await host.event('app2jsFunction', { a: 1 }), { success: true })
    assert.deepEqual(
      await page.call(() => seen),
      ['first', 'second', 'third'].map((name) => [name, { a: 1 }]),
    )
    assert.equal(await host.event('unknown', {}), undefined)
  }),
)

test(
  'f_j37_off_native_api_handler_takes_one_handler_away_or_all_of_a_name',
  inPage(async (page, host) => {
    await page.call(() => {
      globalThis.one = () => 1
      ft.onNativeAPIHandler('a', globalThis.one)
      ft.onNativeAPIHandler('a', () => 2)
      ft.onNativeAPIHandler('b', () => 3)
      ft.offNativeAPIHandler('b', globalThis.one)
      ft.offNativeAPIHandler('a', globalThis.one)
    })
    assert.deepEqual([await host.event('a', {}), await host.event('b', {})], [2, 3])
    await page.call(() => ft.offNativeAPIHandler('a'))
    assert.deepEqual([await host.event('a', {}), await host.event('b', {})], [undefined, 3])
  }),
)
