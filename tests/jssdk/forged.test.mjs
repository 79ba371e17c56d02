// Messages that the app did not send, or that try to be more than data. In Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreed, inPage } from './web_page.mjs'

const FEATURES = ['reply', 'cancel', 'binary']

test(
  'h_b6_scripts_of_the_page_cannot_answer_its_calls_nor_replace_who_takes_answers',
  inPage(
    async (page, host) => {
      await agreed(host)
      await page.call(() => {
        globalThis.seen = []
        ft.callNativeAPI('pay', {}, (res) => seen.push(res.errMsg))
      })
      const { id } = await host.message('pay')
      await page.call((id) => {
        for (let near = id - 50; near < id + 50; near += 1)
          FinChatJSBridge.webInvokeCallbackHandler(near, { errMsg: 'pay:ok forged' })
        FinChatJSBridge.webSubscribeCallBackHandler('onWebviewEvent', {})
        for (const name of ['webInvokeCallbackHandler', 'webSubscribeCallBackHandler']) {
          try {
            FinChatJSBridge[name] = () => seen.push('spied')
          } catch {
            /* a strict script is told */
          }
        }
        FinChatJSCore.webInvokeHandler = () => seen.push('spied')
        for (const other of [{ webInvokeCallbackHandler: () => seen.push('spied') }, null, 'x'])
          globalThis.FinChatJSBridge = other
        try {
          delete globalThis.FinChatJSBridge
        } catch {
          /* as above */
        }
      }, id)
      assert.equal((await page.call(() => ft.counters())).refused, 101)
      await host.answer({ method: 'webInvokeHandler', id }, { errMsg: 'pay:ok' })
      await page.call(() => ft.callNativeAPI('a', {}).catch(() => undefined))
      assert.deepEqual(await page.call(() => seen), ['pay:ok'])
    },
    { features: FEATURES, apis: { pay: () => undefined } },
  ),
)

test(
  'h_b18_the_app_can_put_calls_in_order_by_their_ids',
  inPage(
    async (page, host) => {
      await page.call(() => Promise.all(Array.from({ length: 50 }, (_, n) => ft.callNativeAPI('a', { n }))))
      const shuffled = [...host.wire].sort((left, right) => ((left.id * 7919) % 101) - ((right.id * 7919) % 101))
      const ordered = shuffled.sort((left, right) => left.id - right.id)
      assert.deepEqual(
        ordered.map(({ name, params }) => [name, params.n]),
        [['initPage', undefined], ...Array.from({ length: 50 }, (_, n) => ['a', n])],
      )
      assert.ok(ordered.every(({ id }, index) => id === /** @type {any} */ (ordered[0]).id + index))
    },
    { apis: { a: () => ({ errMsg: 'a:ok' }) } },
  ),
)

test(
  'h_b10_members_that_scripts_could_mistake_for_code_or_prototypes_are_data',
  inPage(
    async (page, host) => {
      const nasty = JSON.parse('{"a":"</script>\\u2028\\u2029`${x}`\\u0000","constructor":{"x":1},"errMsg":"echo:ok"}')
      host.apis.echo = () => nasty
      assert.deepEqual(await page.call(() => ft.callNativeAPI('echo', {})), nasty)
      await page.call((text) => {
        globalThis.seen = []
        ft.onNativeAPIHandler('a', (data) => seen.push(data))
        void text
      }, '')
      await page.evaluate(
        `FinChatJSBridge.webSubscribeCallBackHandler('a', JSON.parse('{"__proto__":{"polluted":1}}'))`,
      )
      await page.evaluate(`ft.callNativeAPI('late', {}, (res) => seen.push(res))`)
      const { id } = await host.message('late')
      await page.evaluate(
        `FinChatJSBridge.webInvokeCallbackHandler(${id}, JSON.parse('{"__proto__":{"polluted":1},"errMsg":"late:ok"}'))`,
      )
      assert.equal(
        await page.evaluate(`seen.map((each) => each.polluted + ' ' + Object.keys(each)).join('; ')`),
        'undefined __proto__; undefined __proto__,errMsg',
      )
    },
    { apis: { late: () => undefined } },
  ),
)
