// Pages that the host shows with an object of its own: the page library as it ships, against the real module.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { codes, hosted, Inbox, refused, within } from './support.mjs'
import { openPage, OWN, WebView } from './web_view.mjs'

/** @typedef {import('./support.mjs').Host} Host */
/** @typedef {import('../../finapp/types/libfinapp/index.js').WebViewOpening} WebViewOpening */

const FOREIGN = 'https://foreign.example/'

/**
 * Starts a mini-program with these files beside `app.js`.
 * @param {Host} host
 * @param {Record<string, string>} [files]
 */
function start(host, files = {}) {
  const offlineLibraryPath = host.write('demo', 'App({})')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(offlineLibraryPath, path, '..'), { recursive: true })
    writeFileSync(join(offlineLibraryPath, path), text)
  }
  return within(host.client.startApplet({ appId: 'demo', offlineLibraryPath, webViewDomain: [OWN] }), 'the start')
}

/** What a page's call of `name` gives, as the page tells it through the custom API `report`. */
const calls = (/** @type {string[]} */ ...names) => `
  (async () => {
    for (const name of ${JSON.stringify(names)}) {
      await ft.callNativeAPI(name, { from: 'page' }).then((given) => given, (error) => error)
        .then((answer) => ft.callNativeAPI('report', { name, answer }))
    }
  })()`

test(
  'f_h18_a_page_calls_what_its_origin_may_call_and_nothing_else',
  hosted(async (host) => {
    const answer = () => ({ answered: true })
    host.client.registerCustomApi('report', ({ params, callback }) => {
      host.reports.put(params)
      callback.onSuccess()
    }, { pages: [FOREIGN] })
    host.client.registerCustomApi('usual', answer)
    host.client.registerCustomApi('own', answer, { pages: 'own' })
    host.client.registerCustomApi('shut', answer, { pages: 'none' })
    host.client.registerCustomApi('wider', answer, { pages: ['https://foreign.example'] })
    const applet = await start(host)
    const names = ['usual', 'own', 'shut', 'wider', 'unknown']
    /** @param {string} url */
    const answers = async (url) => {
      openPage(applet, calls(...names), url)
      const all = []
      for (const name of names) {
        const { answer: { errMsg } } = await host.reported()
        all.push(errMsg)
        assert.ok(errMsg.startsWith(`${name}:`))
      }
      return all.map((errMsg) => errMsg.endsWith(':ok'))
    }
    assert.deepEqual(await answers(`${OWN}/index.html`), [true, true, false, true, false])
    assert.deepEqual(await answers(FOREIGN), [false, false, false, true, false])
    for (const [pages, message] of /** @type {[any, RegExp][]} */ ([
      ['all', /^options\.pages: /],
      [[1], /^options\.pages: /],
      [['foreign.example'], /^options\.pages/],
      [['https://*.example'], /^options\.pages/],
      [['https://user@foreign.example'], /^options\.pages/],
    ])) {
      await refused(() => host.client.registerCustomApi('x', answer, { pages }), { ...codes.E_PARAM, message })
    }
  }),
)

test(
  'h_b3_the_frame_that_calls_is_the_one_that_the_browser_names',
  hosted(async (host) => {
    /** @type {Inbox<string>} */
    const called = new Inbox()
    host.client.registerCustomApi('pay', ({ extInfo }) => {
      called.put(extInfo.source)
      return {}
    })
    const applet = await start(host)
    const view = openPage(applet)
    const { page } = view
    assert.ok(page)
    for (const [url, isTop] of /** @type {[any, any][]} */ ([
      [FOREIGN, true],
      [FOREIGN, false],
      [`${OWN}/index.html`, false],
      ['about:srcdoc', true],
      ['', true],
      [undefined, true],
      [`${OWN}/index.html`, 'yes'],
    ])) {
      page.webInvoke(url, isTop, 'pay', '{}', 7)
    }
    const { denied } = applet.counters()
    assert.equal(denied, 7)
    view.run(`ft.callNativeAPI('pay', {}, () => {})`)
    assert.equal(await called.next('the call of the page itself'), 'h5')
    assert.equal(called.length, 0)
  }),
)

test(
  'h_b10_what_a_page_sends_never_throws_into_the_browser',
  hosted(async (host) => {
    const applet = await start(host)
    const { page } = openPage(applet)
    const page_ = /** @type {any} */ (page)
    const url = `${OWN}/index.html`
    for (const given of [[], [url, true], [url, true, {}, {}, {}], [url, true, 'x', '{', NaN], [url, true, 'x', '\u0000', -1]]) {
      assert.equal(page_.webInvoke(...given), undefined)
    }
    page_.webInvoke(url, true, 'finapp.value', '{"key":"guessed","value":"1"}', 0)
    assert.ok(applet.counters().pageMessagesMalformed >= 2)
  }),
)

test(
  'f_j43_a_document_that_is_left_gets_no_answer_and_the_next_begins_anew',
  hosted(async (host) => {
    /** @type {Inbox<any>} */
    const open = new Inbox()
    host.client.registerCustomApi('wait', ({ callback, extInfo }) => {
      extInfo.signal.onAbort((reason) => open.put(reason.code))
      open.put(callback)
    })
    const applet = await start(host)
    const view = openPage(applet, `ft.callNativeAPI('wait', {}, () => { window.answered = true })`)
    const callback = await open.next('the call')
    view.show(`${OWN}/next.html`)
    assert.equal(await open.next('the end of the call'), codes.E_PAGE_GONE.code)
    callback.onSuccess()
    await open.next('the call of the next document')
    assert.equal(view.run('window.answered'), undefined)
    assert.ok(applet.counters().lateAnswers >= 0)
  }),
)

test(
  'f_m19_files_of_the_package_come_from_the_library_and_nothing_else_does',
  hosted(async (host) => {
    const applet = await start(host, { 'web/index.html': '<p>\u9875</p>', 'secret.bin': 'x'.repeat(10_000) })
    const { page } = openPage(applet)
    assert.ok(page)
    const origin = applet.webOrigin
    assert.match(origin, /^https:\/\/[0-9a-f]{32}\.applet\.invalid$/)
    assert.ok(page.isWebFile(`${origin}/web/`))
    assert.ok(!page.isWebFile(`${OWN}/web/`))
    const file = await page.webFile(`${origin}/web/index.html?a=1`)
    assert.ok(file)
    assert.equal(file.mediaType, 'text/html; charset=utf-8')
    assert.equal(Buffer.from(file.bytes).toString(), '<p>\u9875</p>')
    assert.equal((await page.webFile(`${origin}/secret.bin`))?.bytes.byteLength, 10_000)
    for (const url of [`${origin}/none.html`, `${origin}/../secret.bin/..`, `${OWN}/web/index.html`, 'nonsense', '']) {
      assert.equal(await page.webFile(url), null, url)
    }
    applet.close()
    assert.equal(await page.webFile(`${origin}/web/index.html`), null)
  }),
)

test(
  'h_b5_only_the_package_and_business_domains_may_be_shown',
  hosted(async (host) => {
    const applet = await start(host)
    const { page } = openPage(applet)
    assert.ok(page)
    const { javascriptProxyPermission } = JSON.parse(page.proxyPermission)
    const hosts = javascriptProxyPermission.urlPermissionList.map((/** @type {{ host: string }} */ { host }) => host)
    assert.deepEqual(hosts.sort(), [new URL(applet.webOrigin).host, 'own.example'].sort())
    const may = (/** @type {string} */ url) => page.mayShow(url)
    assert.ok([`${OWN}/a?b#c`, `${applet.webOrigin}/index.html`].every(may))
    assert.ok(![FOREIGN, 'http://own.example/', `${OWN}.evil.example/`, 'file:///etc/passwd', 'data:text/html,x', ''].some(may))
  }),
)

test(
  'h_c24_pages_and_views_of_a_client_that_ends_are_let_go_of',
  hosted(async (host) => {
    const applet = await start(host)
    const view = openPage(applet)
    const throwing = new WebView()
    throwing.run = () => { throw new Error('of the view') }
    const page = applet.openWebPage(throwing)
    page.committed(`${OWN}/`)
    page.webInvoke(`${OWN}/`, true, 'initPage', '{}', 1)
    await refused(() => applet.callJS('unknown', '', view.page?.webViewId), codes.E_NOT_FOUND)
    assert.ok(host.lines.some(({ line }) => /the view of a page failed: of the view/.test(line)))
    await within(host.client.shutdown(), 'the shutdown')
    assert.ok(view.page?.isClosed && page.isClosed)
    view.page?.webInvoke(`${OWN}/`, true, 'late', '{}', 9)
    view.page?.committed(`${OWN}/`)
    view.page?.close()
    await refused(() => applet.openWebPage(view), codes.E_CLOSED)
    await refused(() => view.page?.webFile(`${OWN}/`), codes.E_CLOSED)
    await refused(() => host.client.setWebViews(() => {}), codes.E_CLOSED)
  }),
)

test(
  'f_h12_a_view_is_let_go_of_when_its_page_is_closed_from_either_side',
  hosted(async (host) => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    const applet = await start(host)
    const opened = (/** @type {(view: WebView) => void} */ end) => {
      const view = openPage(applet)
      end(view)
      return new WeakRef(view)
    }
    const views = [opened((view) => view.page?.close()), opened(() => {})]
    applet.close()
    await host.event('closed')
    // What is queued for the views has been dealt with once a later promise is settled.
    await refused(() => applet.callJS('nothing'), codes.E_CLOSED)
    for (let turn = 0; turn < 20 && views.some((view) => view.deref()); turn++) {
      await new Promise((done) => setImmediate(done))
      collect()
    }
    assert.deepEqual(views.map((view) => view.deref()), [undefined, undefined])
  }),
)

test(
  'f_m19_a_web_view_of_a_mini_program_is_shown_by_the_host',
  hosted(async (host) => {
    /** @type {Inbox<WebViewOpening>} */
    const openings = new Inbox()
    host.client.setWebViews((opening) => openings.put(opening))
    const applet = await start(host, {
      'app.json': '{ "pages": ["main"] }',
      'main.json': '{}',
      'main.js': `Page({ data: { src: '/web/index.html' }, loaded({ detail }) { ft.report(detail) } })`,
      'main.wxml': '<web-view src="{{src}}" bindload="loaded"/>',
      'web/index.html': '<p>page</p>',
    })
    const opening = await openings.next('the web-view')
    assert.equal(opening.appId, 'demo')
    assert.equal(opening.path, 'main')
    assert.equal(opening.url, `${applet.webOrigin}/web/index.html`)
    await refused(() => opening.attach(/** @type {any} */ ({})), { ...codes.E_PARAM, message: /^view\.run: / })
    const view = new WebView({ source: `ft.onNativeAPIHandler('echo', (given) => given)` })
    view.page = opening.attach(view)
    assert.deepEqual(view.asked, [], 'never from within')
    assert.deepEqual(await host.reported(), { src: opening.url })
    assert.equal(view.page.webViewId, opening.pageId)
    assert.deepEqual(await applet.callJS('echo', { a: 1 }, opening.pageId), { a: 1 })
    applet.close()
    await host.event('closed')
    assert.deepEqual(view.asked, [`load ${opening.url}`, 'close'])
    assert.ok(view.page.isClosed)
    host.client.setWebViews(null)
  }),
)

