// A page in Chromium with the app's object, as ArkWeb gives it to a page: there before any script, in every frame,
// and its functions return nothing. Built-ins that ArkWeb's oldest Chromium lacks are taken away.

import { after, before } from 'node:test'
import { script } from './built.mjs'
import { Browser } from './devtools.mjs'
import { FakeHost } from './fake_host.mjs'

const ORIGIN = 'https://page.example'

/** What came after Chromium 114, as far as somebody may be tempted. */
const AGE = `
  for (const [holder, names] of [[Promise, ['try', 'withResolvers']], [Object, ['groupBy']],
    [Map, ['groupBy']], [Array, ['fromAsync']],
    [Set.prototype, ['union', 'intersection', 'difference', 'isSubsetOf']], [Uint8Array, ['fromBase64', 'fromHex']],
    [Uint8Array.prototype, ['toBase64', 'toHex']], [RegExp, ['escape']], [Error, ['isError']],
    [ArrayBuffer.prototype, ['transfer', 'transferToFixedLength']],
    [String.prototype, ['isWellFormed', 'toWellFormed']],
    [JSON, ['rawJSON', 'isRawJSON']], [AbortSignal, ['any']]]) for (const name of names) delete holder[name]
  delete globalThis.Iterator`

/** The app's object. A port, when the host hands one over, ends here as well. */
const NATIVE = `
  const post = globalThis.toHost
  const base64 = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(''))
  const bring = () => {
    globalThis.FinChatJSCore = {}
    for (const method of ['webInvokeHandler', 'invokeHandler', 'publishHandler']) {
      FinChatJSCore[method] = (...given) => { post(JSON.stringify([method, given])) }
    }
  }
  let port
  globalThis.handPort = (name) => {
    const { port1, port2 } = new MessageChannel()
    port = port1
    port1.onmessage = ({ data }) => post(JSON.stringify(['frame', [base64(data)]]))
    window.postMessage(name, '*', [port2])
  }
  globalThis.laterTask = () => new Promise((done) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = done
    port2.postMessage(0)
  })
  globalThis.throughPort = (text) => {
    port.postMessage(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer)
  }`

/** @type {Browser} */
let browser
before(() => {
  browser = new Browser()
})
after(() => browser.close())

/**
 * @typedef {object} Options
 * @property {boolean} [late] the app's object comes only when the page calls \`bringNative\`
 * @property {Record<string, string>} [files] what the page's origin has beside the page itself, by path
 * @property {string} [html] what stands in the page
 */

/** A tab that shows one page after another. */
export class WebPage {
  /** Texts of the console and uncaught errors. @type {string[]} */
  lines = []
  /** Messages with binaries, as the page sent them. @type {Buffer[]} */
  frames = []
  closed = false
  /** @type {((done: undefined) => void) | undefined} */
  loaded
  #tab = /** @type {Awaited<ReturnType<Browser['open']>>} */ (/** @type {unknown} */ (undefined))

  /** @param {FakeHost} host @param {Options} options */
  constructor(host, { late = false, files = {}, html = '<script src="/jssdk.js"></script>' } = {}) {
    this.host = host
    this.late = late
    this.files = /** @type {Record<string, string>} */ ({
      '/': `<!doctype html><title>page</title>${html}`,
      '/jssdk.js': script,
      ...files,
    })
  }

  /** @returns {Promise<this>} */
  async open() {
    this.#tab = await browser.open((event) => this.#take(event))
    const { send } = this.#tab
    // What the host still sends to a document that goes, or to a tab that closes, is lost.
    this.host.connect((source) =>
      this.evaluate(source).catch((error) => {
        if (!this.closed && !/navigated|context|closed/.test(error.message)) throw error
      }),
    )
    await Promise.all([
      send('Runtime.enable'),
      send('Page.enable'),
      send('Runtime.addBinding', { name: 'toHost' }),
      send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      send('Page.addScriptToEvaluateOnNewDocument', {
        source: `(() => {${AGE}\n${NATIVE}\n${this.late ? 'globalThis.bringNative = bring' : 'bring()'}})()`,
      }),
    ])
    await this.go('/')
    return this
  }

  /** Shows another document. @param {string} path */
  async go(path) {
    const loaded = new Promise((done) => (this.loaded = done))
    await this.#tab.send('Page.navigate', { url: ORIGIN + path })
    await loaded
  }

  /** Loads the document again. */
  async reload() {
    const loaded = new Promise((done) => (this.loaded = done))
    await this.#tab.send('Page.reload')
    await loaded
  }

  /** @param {import('./devtools.mjs').Event} event */
  #take({ method, params }) {
    if (method === 'Runtime.bindingCalled') {
      const [name, given] = JSON.parse(params.payload)
      if (name !== 'frame') this.host.receive(name, given)
      else this.host.note(() => this.frames.push(Buffer.from(given[0], 'base64')))
    } else if (method === 'Fetch.requestPaused') {
      this.#serve(params)
    } else if (method === 'Page.loadEventFired') {
      this.loaded?.(undefined)
    } else if (method === 'Runtime.consoleAPICalled') {
      this.lines.push(params.args.map((/** @type {any} */ value) => value.value ?? value.description).join(' '))
    } else if (method === 'Runtime.exceptionThrown') {
      const { text, exception } = params.exceptionDetails
      this.lines.push(`${text} ${exception?.description ?? ''}`)
    }
  }

  /** @param {{ requestId: string, request: { url: string } }} paused */
  async #serve({ requestId, request }) {
    const path = new URL(request.url).pathname
    const body = this.files[path]
    const type = /\.m?js$/.test(path) ? 'text/javascript' : 'text/html; charset=utf-8'
    await this.#tab
      .send('Fetch.fulfillRequest', {
        requestId,
        responseCode: body === undefined ? 404 : 200,
        responseHeaders: [{ name: 'Content-Type', value: type }],
        body: Buffer.from(body ?? '').toString('base64'),
      })
      .catch(() => undefined)
  }

  /** Runs a script in the page and gives its value as data; a promise is awaited. @param {string} source */
  async evaluate(source) {
    const { result, exceptionDetails } = await this.#tab.send('Runtime.evaluate', {
      expression: source,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  /**
   * Runs a function in the page.
   * @template {unknown[]} T
   * @param {(...given: T) => unknown} code
   * @param {T} given
   * @returns {Promise<any>}
   */
  call(code, ...given) {
    return this.evaluate(`(${code})(...${JSON.stringify(given)})`)
  }

  close() {
    this.closed = true
    return this.#tab.close()
  }
}

/**
 * A test with a host and a page, which are gone afterwards.
 * @param {(page: WebPage, host: FakeHost) => Promise<unknown>} body
 * @param {Options & { features?: string[], apis?: Record<string, import('./fake_host.mjs').Api> }} [options]
 */
export const inPage =
  (body, options = {}) =>
  async () => {
    const host = new FakeHost(options)
    const page = await new WebPage(host, options).open()
    try {
      await body(page, host)
    } finally {
      await page.close()
    }
  }

/** Waits until the page has taken the extensions. @param {import('./fake_host.mjs').FakeHost} host */
export const agreed = (host) => host.until(() => host.accepted, 'the page to accept')
