// `callJS`: the host calls functions of pages, in FinClip's form and with a Promise.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, Host, hosted, Inbox, refused, within } from './support.mjs'
import { OWN, openPage } from './web_view.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').AppletClient} AppletClient */

/** Functions of a page: what it was given, a promise, one that fails, one that never answers. */
const functions = `
  ft.onNativeAPIHandler('echo', (given) => ({ given }))
  ft.onNativeAPIHandler('later', async ({ n }) => { await null; return n + 1 })
  ft.onNativeAPIHandler('nothing', () => {})
  ft.onNativeAPIHandler('fails', () => { throw new Error('no mood') })
  ft.onNativeAPIHandler('silent', () => new Promise(() => {}))`

/** Starts a mini-program whose own pages come from one origin. @param {Host} host */
const start = (host, appId = 'demo') => {
  const offlineLibraryPath = host.write(appId, 'App({})')
  return within(host.client.startApplet({ appId, offlineLibraryPath, webViewDomain: [OWN] }), 'the start')
}

/** A callback that keeps what it hears. */
function listening() {
  /** @type {Inbox<unknown[]>} */
  const heard = new Inbox()
  return {
    heard,
    callback: {
      onSuccess: (/** @type {unknown} */ result) => heard.put(['success', result]),
      onError: (/** @type {number} */ code, /** @type {string} */ error) => heard.put(['error', code, typeof error]),
      onProgress: () => heard.put(['progress']),
    },
  }
}

test(
  'f_h12_a_page_answers_the_host_by_callback_and_by_promise',
  hosted(async (host) => {
    const applet = await start(host)
    openPage(applet, functions)
    const { heard, callback } = listening()
    const { client } = host
    assert.equal(client.callJS('demo', 'echo', '{"a":1}', 0, callback), undefined)
    assert.equal(heard.length, 0, 'never from within')
    assert.deepEqual(await heard.next('the answer'), ['success', { given: { a: 1 } }])
    client.appletApiManager.callJS('demo', 'echo', 'plain text', 0, callback)
    assert.deepEqual(await heard.next('the answer'), ['success', { given: 'plain text' }])
    applet.callJS('later', { n: 4 }, undefined, callback)
    assert.deepEqual(await heard.next('the answer'), ['success', 5])
    assert.deepEqual(await within(Promise.resolve(client.callJS('demo', 'later', { n: 1 })), 'the answer'), 2)
    assert.deepEqual(await applet.callJS('echo'), { given: {} })
    assert.equal(await client.appletApiManager.callJS('demo', 'nothing'), null)
  }),
)

test(
  'f_h12_without_a_number_the_page_on_top_is_meant',
  hosted(async (host) => {
    const applet = await start(host)
    const named = (/** @type {string} */ name) => `ft.onNativeAPIHandler('who', () => '${name}')`
    const first = openPage(applet, named('first'))
    const second = openPage(applet, named('second'))
    const id = /** @type {number} */ (first.page?.webViewId)
    assert.equal(await applet.callJS('who'), 'second')
    assert.equal(await applet.callJS('who', undefined, 0), 'second')
    assert.equal(await applet.callJS('who', undefined, id), 'first')
    second.page?.close()
    assert.equal(await applet.callJS('who'), 'first')
  }),
)

test(
  'f_h12_a_page_without_the_extensions_gives_the_value_of_its_script_promises_included',
  hosted(async (host) => {
    const applet = await start(host)
    // What FinClip's own library does with a message of the app: it returns what the handler gave.
    const other = `window.FinChatJSBridge = { webSubscribeCallBackHandler(name, data) {
      if (name === 'value') return { data }
      if (name === 'promise') return Promise.resolve({ data })
      if (name === 'rejects') return Promise.reject(new Error('no'))
    } }`
    const { WebView } = await import('./web_view.mjs')
    const view = new WebView({ library: other })
    view.shows(applet.openWebPage(view))
    assert.deepEqual(await applet.callJS('value', { a: [1] }), { data: { a: [1] } })
    assert.deepEqual(await applet.callJS('promise', '"</script>\u2028"'), { data: '</script>\u2028' })
    await refused(() => applet.callJS('rejects'), codes.E_NOT_FOUND)
  }),
)

test(
  'h_d3_what_cannot_be_called_ends_once_with_its_error_and_never_from_within',
  hosted(
    async (host) => {
      const applet = await start(host)
      const { client } = host
      const { heard, callback } = listening()
      const ends = async (/** @type {() => unknown} */ call, /** @type {{ code: number }} */ { code }) => {
        assert.equal(call(), undefined)
        assert.equal(heard.length, 0, 'never from within')
        assert.deepEqual(await heard.next('the error'), ['error', code, 'string'])
      }
      await ends(() => client.callJS('demo', 'echo', '', 0, callback), codes.E_PAGE_GONE)
      const view = openPage(applet, functions)
      const id = /** @type {number} */ (view.page?.webViewId)
      await ends(() => client.callJS('demo', 'echo', '', id + 1000, callback), codes.E_PAGE_GONE)
      await ends(() => client.callJS('nobody', 'echo', '', 0, callback), codes.E_APPLET_NOT_FOUND)
      await ends(() => client.callJS('demo', 'unknown', '', 0, callback), codes.E_NOT_FOUND)
      await ends(() => client.callJS('demo', 'fails', '', 0, callback), codes.E_HANDLER)
      await ends(() => client.callJS('demo', 'silent', '', 0, callback), codes.E_TIMEOUT)
      for (const wrong of /** @type {any[][]} */ ([
        [1, 'echo', '', 0],
        ['demo', 1, '', 0],
        ['demo', 'echo', '', 'top'],
        ['demo', 'echo', '', -1],
        ['demo', 'echo', '', 1.5],
      ])) {
        const [appId, name, params, page] = wrong
        await ends(() => client.callJS(appId, name, params, page, callback), codes.E_PARAM)
      }
      const going = client.callJS('demo', 'silent', '', id)
      view.show(`${OWN}/other.html`)
      await refused(() => going, codes.E_PAGE_GONE)
      view.show('https://foreign.example/')
      await ends(() => client.callJS('demo', 'echo', '', 0, callback), codes.E_DENIED)
      view.show(`${OWN}/index.html`)
      const open = client.callJS('demo', 'silent', '', id)
      applet.close()
      await refused(() => open, codes.E_PAGE_GONE)
      await ends(() => applet.callJS('echo', '', 0, callback), codes.E_CLOSED)
      await host.event('closed')
      await ends(() => client.callJS('demo', 'echo', '', 0, callback), codes.E_CLOSED)
      await refused(() => client.callJS('demo', 'echo', '', 0, /** @type {any} */ ('none')), codes.E_PARAM)
      assert.equal(heard.length, 0, 'nobody heard twice')
    },
    { limits: { pageCallMs: 200 } },
  ),
)

test('h_d3_after_shutdown_calls_end_with_their_error_too', async () => {
  const host = new Host()
  const applet = await start(host)
  openPage(applet, functions)
  const open = applet.callJS('silent')
  const { client } = host
  const ended = host.end()
  await refused(() => open, codes.E_PAGE_GONE)
  await ended
  const { heard, callback } = listening()
  client.callJS('demo', 'echo', '', 0, callback)
  assert.equal(heard.length, 0, 'never from within')
  assert.deepEqual(await heard.next('the error'), ['error', codes.E_CLOSED.code, 'string'])
  await refused(() => applet.callJS('echo'), codes.E_CLOSED)
})

test(
  'h_c9_a_handler_of_a_page_call_opens_closes_calls_the_page_and_shuts_down',
  async () => {
    const host = new Host()
    const { client } = host
    const applet = await start(host)
    /** @type {Inbox<any>} */
    const done = new Inbox()
    client.registerCustomApi('everything', async ({ callback }) => {
      const other = start(host, 'other')
      done.put(client.callJS('demo', 'echo', '{"from":"handler"}'))
      done.put(await other)
      client.closeApplet('other')
      client.closeApplet('demo')
      done.put(client.shutdown())
      callback.onSuccess()
    })
    openPage(applet, `${functions}
      ft.callNativeAPI('everything', {}, () => {})`)
    assert.deepEqual(await done.next('the answer of the page'), { given: { from: 'handler' } })
    await done.next('the other mini-program')
    await within(await done.next('the shutdown'), 'the shutdown')
    await host.end()
  },
)

test(
  'h_c23_a_callback_that_throws_is_logged_and_hurts_nobody',
  hosted(async (host) => {
    const applet = await start(host)
    openPage(applet, functions)
    const { heard, callback } = listening()
    const fails = { ...callback, onSuccess: () => { throw new Error('of the host') } }
    applet.callJS('echo', '', 0, fails)
    applet.callJS('echo', '', 0, /** @type {any} */ ({}))
    applet.callJS('echo', '', 0, callback)
    assert.deepEqual(await heard.next('the answer'), ['success', { given: {} }])
    // The log function runs on this thread, in its turn.
    assert.equal(await applet.callJS('nothing'), null)
    assert.ok(host.lines.some(({ line }) => /callback of callJS failed: of the host/.test(line)))
  }),
)
