// Pages that are served by ArkWeb's C interface. There is an ArkWeb on HarmonyOS alone; for the library that is built for
// it, another stands in (xtask/src/ohos/bench/stand_ins/ohweb.c), and this suite is the browser behind that one.

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import vm from 'node:vm'
import { codes, hosted, native, refused, within } from './support.mjs'
import { OWN } from './web_view.mjs'
import { script as library } from '../jssdk/built.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').AppletClient} AppletClient */
/** @typedef {import('./support.mjs').Host} Host */
/**
 * @typedef {object} ArkWeb what stands in for it
 * @property {(component: number, controller: number) => void} sizes how long the tables are, in bytes
 * @property {(tag: string) => { object: string, permission: string, methods: string[] } | undefined} look
 * @property {(tag: string) => string[]} scripts those that ran since the last time
 * @property {(tag: string, method: string, given: (Uint8Array | null)[], frame: string | null, elsewhere: boolean) => void} call
 * @property {(tag: string, elsewhere: boolean) => void} destroy
 * @property {() => number} elsewhere how often it was called on a thread that may not
 */

/** The stand-in; a library that is a module of Node too. @returns {ArkWeb | undefined} */
function standIn() {
  if (!process.env.FINAPP_TEST_ARKWEB) return undefined
  const module = { exports: /** @type {any} */ ({}) }
  process.dlopen(module, process.env.FINAPP_TEST_ARKWEB)
  return module.exports
}

const found = standIn()
const arkweb = /** @type {ArkWeb} */ (found)
const behind = { skip: found === undefined && 'there is no ArkWeb in Node' }
/** All of a table. */
const WHOLE = 0xffff_ffff
let tags = 0

after(() => {
  if (found) assert.equal(arkweb.elsewhere(), 0, 'ArkWeb is used on the thread of the host alone')
})

/** @param {Host} host */
function start(host) {
  const offlineLibraryPath = host.write('demo', 'App({})')
  return within(host.client.startApplet({ appId: 'demo', offlineLibraryPath, webViewDomain: [OWN] }), 'the start')
}

const encode = (/** @type {unknown} */ value) => new TextEncoder().encode(String(value))

class Page {
  tag = `web-${(tags += 1)}`
  /** @type {string[]} scripts that came to the host's own view */
  hosted = []
  /** @type {string[]} scripts that ArkWeb ran */
  ran = []
  url = `${OWN}/index.html`
  /** The thread that ArkWeb calls back on: the host's, or one of its own. */
  elsewhere = false

  /** @param {AppletClient} applet */
  constructor(applet) {
    const view = { run: (/** @type {string} */ script) => this.hosted.push(script), load() {}, goBack() {}, close() {} }
    this.page = applet.openWebPage(view)
    this.isServed = this.page.serveNatively(this.tag)
  }

  /** Commits a document with this script, after the page library or another. @param {string} source */
  show(source, own = library) {
    this.page.committed(this.url)
    this.context = vm.createContext({
      console: { log() {}, warn() {}, error() {} },
      crypto,
      TextEncoder,
      TextDecoder,
      btoa,
      atob,
      queueMicrotask,
      structuredClone,
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ delay) => setTimeout(run, delay).unref(),
      clearTimeout,
      FinChatJSCore: Object.fromEntries(
        (arkweb.look(this.tag)?.methods ?? []).map((method) => [
          method,
          (/** @type {unknown[]} */ ...given) => this.say(method, given),
        ]),
      ),
    })
    for (const text of ['globalThis.window = globalThis', native.WEB_PAGE_START_SCRIPT, own, source]) {
      vm.runInContext(text, this.context)
    }
    this.page.loaded(this.url)
    return this
  }

  /** @param {string} method @param {unknown[]} given @param {string | null} [frame] */
  say(method, given, frame = this.url) {
    arkweb.call(this.tag, method, given.map(encode), frame, this.elsewhere)
  }

  /** Is the browser until `promise` is settled. @template T @param {Promise<T>} promise @param {string} what */
  async until(promise, what) {
    let waits = true
    const settled = promise.finally(() => { waits = false })
    const serve = async () => {
      while (waits) {
        for (const script of arkweb.scripts(this.tag)) {
          this.ran.push(script)
          vm.runInContext(script, /** @type {vm.Context} */ (this.context))
        }
        await new Promise((next) => setImmediate(next))
      }
    }
    const [given] = await Promise.all([within(settled, what), serve()])
    return given
  }
}

/** A custom API through which a page tells what it has. @param {Host} host */
function listen(host) {
  host.client.registerCustomApi('report', ({ params, callback }) => {
    host.reports.put(params)
    callback.onSuccess({})
  })
  host.client.registerCustomApi('echo', ({ params, callback }) => callback.onSuccess(params))
}

const ECHO = 'ft.callNativeAPI(\'echo\', { text: \'\u00e4 \u2028 </script>\' }, (answer) => ft.callNativeAPI(\'report\', answer))'

for (const elsewhere of [false, true]) {
  test(
    `the page library and the app talk without a step through ArkTS, ArkWeb's callbacks ${elsewhere ? 'on a thread of its own' : 'on that of the host'}`,
    behind,
    hosted(async (host) => {
      listen(host)
      const applet = await start(host)
      const page = new Page(applet)
      assert.equal(page.isServed, true)
      const seen = arkweb.look(page.tag)
      assert.deepEqual([seen?.object, seen?.methods], ['FinChatJSCore', ['webInvokeHandler', 'invokeHandler', 'publishHandler']])
      assert.equal(seen?.permission, page.page.proxyPermission)
      assert.ok(JSON.parse(seen?.permission ?? '').javascriptProxyPermission.urlPermissionList.length > 0)
      page.elsewhere = elsewhere
      page.show(`${ECHO}; ft.onNativeAPIHandler('next', ({ n }) => ({ next: n + 1 }))`)
      const { text } = await page.until(host.reported(), 'the page')
      assert.equal(text, '\u00e4 \u2028 </script>')
      const next = Promise.resolve(applet.callJS('next', { n: 1 }, page.page.webViewId))
      assert.deepEqual(await page.until(next, 'the answer'), { next: 2 })
      assert.deepEqual(page.hosted, [], 'no script went through the host')
      assert.ok(page.ran.length >= 2)
      page.page.close()
    }),
  )
}

test(
  'f_h12_a_page_of_finclips_library_answers_the_app_with_a_promise',
  behind,
  hosted(async (host) => {
    const applet = await start(host)
    const own = `window.FinChatJSBridge = {
      webInvokeCallbackHandler() {},
      webSubscribeCallBackHandler: async (name, data) => name === 'double' ? { given: data.n * 2 } : undefined
    }
    FinChatJSCore.webInvokeHandler('initPage', '{}', 1)`
    const page = new Page(applet).show('', own)
    const id = page.page.webViewId
    assert.deepEqual(await page.until(Promise.resolve(host.client.callJS('demo', 'double', { n: 21 }, id)), 'the value'), { given: 42 })
    await page.until(refused(() => host.client.callJS('demo', 'nobody', {}, id), codes.E_NOT_FOUND), 'the refusal')
  }),
)

test(
  'h_b3_a_frame_of_another_origin_is_refused_whatever_the_list_let_through',
  behind,
  hosted(async (host) => {
    listen(host)
    const applet = await start(host)
    const page = new Page(applet).show('', '')
    page.say('webInvokeHandler', ['initPage', '{}', 1])
    page.say('webInvokeHandler', ['report', '{"from":"own"}', 2])
    for (const frame of ['https://evil.example/', 'about:srcdoc', 'null', '', null]) {
      page.say('webInvokeHandler', ['report', '{"from":"frame"}', 3], frame)
    }
    page.say('webInvokeHandler', ['report', '{"from":"own again"}', 3])
    const heard = [await page.until(host.reported(), 'the page'), await page.until(host.reported(), 'the page')]
    assert.deepEqual(heard, [{ from: 'own' }, { from: 'own again' }])
    assert.equal(applet.counters().denied, 5)
  }),
)

test(
  'h_b10_buffers_that_hold_no_message_harm_nobody',
  behind,
  hosted(async (host) => {
    listen(host)
    const applet = await start(host)
    const page = new Page(applet).show('', '')
    const bad = Uint8Array.of(0xff, 0xfe, 0)
    const text = encode('report')
    for (const method of ['webInvokeHandler', 'invokeHandler', 'publishHandler']) {
      for (const given of [[], [text], [null, null, null], [bad, bad, bad], [text, bad, encode(1)], [text, text, text, text]]) {
        arkweb.call(page.tag, method, given, page.url, false)
      }
      arkweb.call(page.tag, method, [text, new Uint8Array(3_000_000).fill(0x78), encode(1)], page.url, true)
    }
    page.say('webInvokeHandler', ['report', '{"from":"page"}', 2])
    assert.deepEqual(await page.until(host.reported(), 'the page'), { from: 'page' })
    assert.ok(applet.counters().pageMessagesMalformed >= 12)
  }),
)

test(
  'a system that cannot do all of it leaves the page to the host',
  behind,
  hosted(async (host) => {
    listen(host)
    const applet = await start(host)
    // API 12, 14 and 16; half a member; nothing but a size; no table.
    for (const size of [72, 80, 88, 95, 8, 0]) {
      arkweb.sizes(WHOLE, size)
      const page = new Page(applet)
      arkweb.sizes(WHOLE, WHOLE)
      assert.equal(page.isServed, false, `${size} bytes`)
      assert.equal(arkweb.look(page.tag), undefined)
      page.page.committed(page.url)
      page.page.webInvoke(page.url, true, 'initPage', '{}', 1)
      await page.until(new Promise((done) => setImmediate(done)), 'a turn')
      page.page.close()
    }
    // Without word of components that go, the host has to say so.
    for (const size of [0, 32]) {
      arkweb.sizes(size, WHOLE)
      const page = new Page(applet)
      arkweb.sizes(WHOLE, WHOLE)
      assert.equal(page.isServed, true)
      arkweb.destroy(page.tag, false)
      assert.equal(page.page.isClosed, false)
      page.page.close()
    }
  }),
)

test(
  'h_b14_a_component_that_goes_ends_its_page_and_is_used_no_more',
  behind,
  hosted(async (host) => {
    listen(host)
    const applet = await start(host)
    for (const elsewhere of [false, true]) {
      const page = new Page(applet).show('', library)
      const id = page.page.webViewId
      const gone = refused(() => host.client.callJS('demo', 'f', {}, id), codes.E_PAGE_GONE)
      arkweb.destroy(page.tag, elsewhere)
      await within(gone, 'the end')
      assert.equal(page.page.isClosed, true)
      // Once more, and a call that was on its way.
      arkweb.destroy(page.tag, elsewhere)
      page.elsewhere = elsewhere
      page.say('webInvokeHandler', ['report', '{}', 7])
      await within(refused(() => host.client.callJS('demo', 'f', {}, id), codes.E_PAGE_GONE), 'the second refusal')
      assert.equal(page.page.serveNatively(page.tag), false)
    }
    assert.equal(host.reports.length, 0)
  }),
)

test(
  'without an ArkWeb the host shows its pages',
  { skip: found !== undefined && 'there is one' },
  hosted(async (host) => {
    const applet = await start(host)
    const page = new Page(applet)
    assert.equal(page.isServed, false)
    await refused(() => page.page.serveNatively(/** @type {any} */ (1)), codes.E_PARAM)
  }),
)
