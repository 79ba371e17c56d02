// FinClip's library and ours against one and the same host: what both can do looks alike on the wire and to the page.
// So the host that our other suites lean on speaks FinClip's transport, and not one of our own. In Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { finclip } from './finclip.mjs'
import { inPage } from './web_page.mjs'

const theirs = finclip()
const skip = theirs === undefined && "npm cannot have FinClip's library"

/**
 * The two libraries: which page has them, on which channel they call, and how an API is called in a page.
 * @type {Array<{ library: string, method: string, html: string, files: Record<string, string>, call: string }>}
 */
const LIBRARIES = [
  {
    library: 'theirs',
    method: 'invokeHandler',
    html: '<script src="/web.js"></script>',
    files: { '/web.js': theirs ?? '' },
    call: '(name, options) => { ft.loadExtApi([{ name }]); return ft[name](options) }',
  },
  {
    library: 'ours',
    method: 'webInvokeHandler',
    html: '<script src="/jssdk.js"></script>',
    files: {},
    // The functions of `ft` have fixed names; one that takes options stands for all that do.
    call: `(name, { success, fail, complete, ...params }) => {
      if (!success && !fail && !complete) return ft.callNativeAPI(name, params)
      ft.callNativeAPI(name, params).then((res) => { success?.(res); complete?.(res) }, (res) => { fail?.(res); complete?.(res) })
    }`,
  },
]

/**
 * A test for each library, whose body may look at nothing but what both have.
 * @param {string} name
 * @param {(page: import('./web_page.mjs').WebPage, host: import('./fake_host.mjs').FakeHost, method: string) => Promise<unknown>} body
 * @param {Record<string, import('./fake_host.mjs').Api>} [apis]
 */
const both = (name, body, apis) => {
  for (const { library, method, html, files, call } of LIBRARIES) {
    test(
      `f_j41_${name}_${library}`,
      { skip },
      inPage(
        async (page, host) => {
          // Where theirs is, a page includes nothing of ours; it begins without `initPage`.
          assert.equal(await page.evaluate('typeof ft.miniProgram'), library === 'ours' ? 'object' : 'undefined')
          await page.evaluate(`void (globalThis.callApi = ${call})`)
          await body(page, host, method)
        },
        { html, files, ...(apis && { apis }) },
      ),
    )
  }
}

/** Calls an API in the page and gives what its callbacks hear, in order. */
const heard = (/** @type {string} */ name, /** @type {object} */ params) =>
  new Promise((done) => {
    /** @type {any[]} */
    const calls = []
    const note = (/** @type {string} */ what) => (/** @type {any} */ res) => {
      calls.push([what, res])
    }
    const complete = (/** @type {any} */ res) => {
      note('complete')(res)
      done(calls)
    }
    callApi(name, { ...params, success: note('success'), fail: note('fail'), complete })
  })

both(
  'a_call_is_a_name_text_and_a_number',
  async (page, host, method) => {
    const params = {
      url: 'https://a.example/?q=ä',
      list: [1, null, { deep: true }],
      text: '"\\\u2028 \ud800 漢😀',
      none: null,
      n: -0.5,
    }
    await page.call(heard, 'js2AppFunction', params)
    const [message] = host.sent('js2AppFunction')
    assert.equal(message?.method, method)
    // Theirs adds a member of its own to every custom API.
    assert.equal(message?.text.replace(/,"_sync":false/, ''), JSON.stringify(params))
    assert.ok(Number.isSafeInteger(message?.id))
  },
  { js2AppFunction: () => ({ errMsg: 'js2AppFunction:ok' }) },
)

const ANSWERS = [
  { errMsg: 'scan:ok' },
  { code: 'x', deep: { a: [1] }, errMsg: 'scan:ok two words' },
  { n: 1 },
  { errMsg: '' },
  { errMsg: null },
  { errMsg: 'scan:fail' },
  { errMsg: 'scan:fail not logged in', code: 401 },
  { errMsg: 'scan:failed' },
  { errMsg: 'scan:cancel' },
  { errMsg: 'scan:cancelled by user' },
]

both('answers_mean_the_same', async (page, host) => {
  const outcomes = []
  for (const answer of ANSWERS) {
    host.apis.scan = () => answer
    outcomes.push(await page.call(heard, 'scan', {}))
  }
  const verdicts = outcomes.map(([[what, res]]) => [what, res.errMsg])
  assert.deepEqual(verdicts, [
    ['success', 'scan:ok'],
    ['success', 'scan:ok two words'],
    ['success', 'scan:ok'],
    ['success', 'scan:ok'],
    ['success', 'scan:ok'],
    ['fail', 'scan:fail'],
    ['fail', 'scan:fail not logged in'],
    ['fail', 'scan:failed'],
    ['fail', 'scan:fail cancel'],
    ['fail', 'scan:fail cancelled by user'],
  ])
  for (const [index, outcome] of outcomes.entries()) {
    assert.deepEqual(
      outcome.map(([what = '']) => what),
      [verdicts[index]?.[0], 'complete'],
    )
    assert.deepEqual(outcome[0][1], { ...ANSWERS[index], errMsg: verdicts[index]?.[1] })
  }
})

both(
  'a_promise_is_given_when_there_is_no_callback',
  async (page) => {
    const promised = (/** @type {string} */ name) =>
      callApi(name, {}).then(
        (/** @type {any} */ res) => ['resolved', res],
        (/** @type {any} */ res) => ['rejected', res],
      )
    assert.deepEqual(await page.call(promised, 'good'), ['resolved', { n: 1, errMsg: 'good:ok' }])
    assert.deepEqual(await page.call(promised, 'bad'), ['rejected', { n: 2, errMsg: 'bad:fail no' }])
  },
  { good: () => ({ n: 1, errMsg: 'good:ok' }), bad: () => ({ n: 2, errMsg: 'bad:fail no' }) },
)

both(
  'ids_may_come_back_as_text_and_second_answers_are_ignored',
  async (page, host) => {
    await page.call(() => {
      globalThis.seen = []
      callApi('slow', { complete: (/** @type {any} */ res) => seen.push(res.n) })
    })
    const message = await host.message('slow')
    await host.answer({ ...message, id: /** @type {any} */ (String(message.id)) }, { n: 1, errMsg: 'slow:ok' })
    await host.answer(message, { n: 2, errMsg: 'slow:ok' })
    await host.answer({ ...message, id: message.id + 500 }, { n: 3, errMsg: 'slow:ok' })
    assert.deepEqual(await page.call(() => seen), [1])
  },
  { slow: () => undefined },
)

both(
  'calls_are_answered_in_any_order_and_numbered_in_theirs',
  async (page, host) => {
    await page.call(() => {
      globalThis.seen = []
      for (const n of [0, 1, 2]) callApi('slow', { n, complete: (/** @type {any} */ res) => seen.push(res.n) })
    })
    await host.message('slow', 3)
    const messages = host.sent('slow')
    assert.deepEqual(
      messages.map(({ id }) => id - /** @type {any} */ (messages[0]).id),
      [0, 1, 2],
    )
    for (const n of [2, 0, 1]) await host.answer(/** @type {any} */ (messages[n]), { n, errMsg: 'slow:ok' })
    assert.deepEqual(await page.call(() => seen), [2, 0, 1])
  },
  { slow: () => undefined },
)

both('an_unknown_api_fails', async (page) => {
  assert.deepEqual(
    await page.call(heard, 'unknown', {}),
    ['fail', 'complete'].map((what) => [what, { errMsg: 'unknown:fail 该api未实现' }]),
  )
})

test(
  'f_j41_their_events_and_reports_go_through_the_same_host',
  { skip },
  inPage(
    async (page, host) => {
      await page.call(() => {
        globalThis.seen = []
        ft.onCustomEvent((/** @type {any} */ res) => seen.push(['all', res]))
        ft.addCustomEventListener('named', (/** @type {any} */ res) => seen.push(['named', res]))
        ft.reportEvent('bought', { sum: 5 })
      })
      await host.run('subscribeHandler', 'onCustomEvent', { name: 'named', data: 1 })
      const body = { name: 'named', data: 1 }
      assert.deepEqual(await page.call(() => seen), [
        ['named', body],
        ['all', body],
      ])
      const { method, params } = await host.message('reportEvent')
      const { timestamp, ...data } = params.data
      assert.deepEqual(
        [method, params.eventId, data, typeof timestamp],
        ['invokeHandler', 'bought', { sum: 5, page: 'https://page.example/' }, 'number'],
      )
    },
    {
      html: '<script src="/web.js"></script>',
      files: { '/web.js': theirs ?? '' },
      apis: { reportEvent: () => ({ errMsg: 'reportEvent:ok' }) },
    },
  ),
)

const CARRIED = { files: { '/web.js': theirs ?? '' }, apis: { scan: () => ({ errMsg: 'scan:ok' }) } }
const callBoth = async (/** @type {string} */ own) => [
  await ft.loadExtApi([{ name: 'scan' }]),
  await ft.scan({}),
  await /** @type {any} */ (globalThis)[own].callNativeAPI('scan', {}),
]

test(
  'f_j41_ours_adds_its_functions_to_theirs',
  { skip },
  inPage(
    async (page) => {
      assert.deepEqual(await page.call(callBoth, 'ft'), [null, { errMsg: 'scan:ok' }, { errMsg: 'scan:ok' }])
    },
    { ...CARRIED, html: '<script src="/web.js"></script><script src="/jssdk.js"></script>' },
  ),
)

// Theirs puts its own `ft` and bridge in the place of ours.
test(
  'f_j41_ours_is_answered_though_theirs_comes_later',
  { skip },
  inPage(
    async (page) => {
      assert.deepEqual(await page.call(callBoth, 'kept'), [null, { errMsg: 'scan:ok' }, { errMsg: 'scan:ok' }])
    },
    { ...CARRIED, html: '<script src="/jssdk.js"></script><script>kept = ft</script><script src="/web.js"></script>' },
  ),
)
