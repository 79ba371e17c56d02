// A host for tests: the real module, mini-program packages in a temporary folder, and what they report.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @typedef {typeof import('../../finapp/types/libfinapp/index.js')} Exports */
/** @typedef {import('../../finapp/types/libfinapp/index.js').FinAppClient} FinAppClient */
/** @typedef {import('../../finapp/types/libfinapp/index.js').FinAppConfig} FinAppConfig */
/** @typedef {import('../../finapp/types/libfinapp/index.js').InvokeArgs} InvokeArgs */
/** @typedef {import('../../finapp/types/libfinapp/index.js').LifeCycleEvent} LifeCycleEvent */
/** @typedef {Record<string, any>} Report what a mini-program has to say */
/** @typedef {{ name: string, sync?: boolean }} Declared a custom API as `FinClipConf.js` lists it */

const here = dirname(fileURLToPath(import.meta.url))

/** The path of the module under test. */
export const modulePath = process.env.FINAPP_MODULE
  ? resolve(process.env.FINAPP_MODULE)
  : resolve(here, '../../target/test/finapp.node')

/** The module under test. */
export const native = /** @type {Exports & { testPanic?: () => void }} */ (createRequire(import.meta.url)(modulePath))

/** Whether that is the library as it is built for HarmonyOS. */
export const onHarmony = process.env.FINAPP_TEST_PLATFORM === 'ohos'

/** How long a test waits for an event before it fails. Generous: it is never reached when all is well. */
const PATIENCE = 60_000

/**
 * Waits for `promise`, and fails with `what` when it takes for ever.
 * @template T
 * @param {Promise<T>} promise
 * @param {string} what
 * @returns {Promise<T>}
 */
export function within(promise, what) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), PATIENCE)
  })
  return Promise.race([promise, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer))
}

/**
 * Starts a file of `children/` in a process of its own.
 * @param {string} script
 * @param {...string} rest what it is given beside the module's path
 */
export function launch(script, ...rest) {
  // A Node that runs through a loader or an emulator cannot name its own program.
  const program = process.env.FINAPP_TEST_NODE ?? process.execPath
  return spawn(program, [join(here, 'children', script), modulePath, ...rest], {
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  })
}

/**
 * Runs a file of `children/` in a process of its own and gives how it ended.
 * @param {string} script
 * @param {...string} rest what it is given beside the module's path
 * @returns {Promise<{ code: number | null, signal: string | null, output: string, errors: string }>}
 */
export function child(script, ...rest) {
  const running = launch(script, ...rest)
  let [output, errors] = ['', '']
  running.stdout.on('data', (text) => { output += text })
  running.stderr.on('data', (text) => { errors += text })
  return new Promise((done) => running.on('close', (code, signal) => done({ code, signal, output, errors })))
}

/**
 * A queue that one side fills and the other awaits.
 * @template T
 */
export class Inbox {
  /** @type {T[]} */
  #items = []
  /** @type {((item: T) => void)[]} */
  #waiting = []

  /** @param {T} item */
  put(item) {
    const waiting = this.#waiting.shift()
    if (waiting) waiting(item)
    else this.#items.push(item)
  }

  /**
   * The next item, in order of arrival.
   * @param {string} what what is waited for
   * @returns {Promise<T>}
   */
  next(what) {
    if (this.#items.length > 0) return Promise.resolve(/** @type {T} */ (this.#items.shift()))
    return within(new Promise((done) => this.#waiting.push(done)), what)
  }

  /** How many items wait. */
  get length() {
    return this.#items.length
  }
}

/** A host with its mini-programs. */
export class Host {
  folder = mkdtempSync(join(tmpdir(), 'finapp-'))
  /** @type {Inbox<Report>} what mini-programs say through the custom API `report` */
  reports = new Inbox()
  /** @type {Inbox<LifeCycleEvent>} */
  events = new Inbox()
  /** @type {{ level: string, tag: string, line: string }[]} */
  lines = []
  /** @type {FinAppClient} */
  client

  /** @param {FinAppConfig} [config] */
  constructor(config = {}) {
    this.client = native.FinAppClient.init({
      log: (level, tag, line) => {
        this.lines.push({ level, tag, line })
      },
      ...config,
    })
    this.client.registerCustomApi('report', ({ params, callback }) => {
      this.reports.put(params)
      callback.onSuccess()
    })
    this.client.setLifeCycleListener((event) => this.events.put(event))
  }

  /**
   * Writes a package and gives its folder.
   * @param {string} appId
   * @param {string} source the text of `app.js`
   * @param {(string | Declared)[]} apis the custom APIs it declares, beside `report`
   */
  write(appId, source, apis = []) {
    const folder = join(this.folder, appId)
    const extApi = ['report', ...apis].map((api) => (typeof api === 'string' ? { name: api } : api))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'app.json'), '{"pages": []}')
    writeFileSync(join(folder, 'FinClipConf.js'), `module.exports = { extApi: ${JSON.stringify(extApi)} }`)
    writeFileSync(join(folder, 'app.js'), source)
    return folder
  }

  /**
   * Starts a mini-program that is made of one script.
   * @param {string} source
   * @param {(string | Declared)[]} apis
   * @param {string} appId
   */
  open(source, apis = [], appId = 'demo') {
    const offlineLibraryPath = this.write(appId, source, apis)
    return within(this.client.startApplet({ appId, offlineLibraryPath }), `the start of ${appId}`)
  }

  /**
   * Starts a mini-program and gives the first thing it reports.
   * @param {string} source
   * @param {(string | Declared)[]} apis
   */
  async run(source, apis = []) {
    await this.open(source, apis)
    return this.reported()
  }

  /** The next thing that a mini-program reports. */
  reported() {
    return this.reports.next('a report')
  }

  /**
   * The next life-cycle event of a type; others before it are passed over.
   * @param {LifeCycleEvent['type']} type
   */
  async event(type) {
    for (;;) {
      const event = await this.events.next(`the event ${type}`)
      if (event.type === type) return event
    }
  }

  /** Shuts the client down and removes its packages. */
  async end() {
    await within(this.client.shutdown(), 'the shutdown')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/**
 * Runs `body` with a host of its own.
 * @param {(host: Host) => Promise<void> | void} body
 * @param {FinAppConfig} [config]
 * @returns {() => Promise<void>}
 */
export function hosted(body, config) {
  return async () => {
    const host = new Host(config)
    try {
      await body(host)
    } finally {
      await host.end()
    }
  }
}

/**
 * Fails unless `action` throws, or rejects with, an error of this name and number whose message begins so.
 * @param {() => unknown} action
 * @param {{ codeName: string, code: number, message?: RegExp }} expected
 */
export async function refused(action, { codeName, code, message }) {
  const thrown = await Promise.resolve()
    .then(action)
    .then(
      () => assert.fail(`expected ${codeName} ${message ?? ''}, and nothing was thrown`),
      (/** @type {unknown} */ error) => error,
    )
  assert.ok(thrown instanceof Error, `expected an Error, got ${String(thrown)}`)
  const found = /** @type {Error & { code?: unknown, codeName?: unknown }} */ (thrown)
  assert.equal(found.codeName, codeName, found.message)
  assert.equal(found.code, code)
  if (message) assert.match(found.message, message)
}

/** The numbers of the errors that the tests meet. */
export const codes = {
  E_PARAM: { codeName: 'E_PARAM', code: 10001 },
  E_NETWORK: { codeName: 'E_NETWORK', code: 10003 },
  E_BAD_PACKAGE: { codeName: 'E_BAD_PACKAGE', code: 12000 },
  E_APPLET_NOT_FOUND: { codeName: 'E_APPLET_NOT_FOUND', code: 14000 },
  E_TOO_LARGE: { codeName: 'E_TOO_LARGE', code: 20002 },
  E_DENIED: { codeName: 'E_DENIED', code: 20005 },
  E_SERIALIZE: { codeName: 'E_SERIALIZE', code: 20004 },
  E_NOT_FOUND: { codeName: 'E_NOT_FOUND', code: 20006 },
  E_BUSY: { codeName: 'E_BUSY', code: 20007 },
  E_HANDLER: { codeName: 'E_HANDLER', code: 20010 },
  E_HANDLER_RESULT: { codeName: 'E_HANDLER_RESULT', code: 20011 },
  E_TIMEOUT: { codeName: 'E_TIMEOUT', code: 20012 },
  E_CLOSED: { codeName: 'E_CLOSED', code: 20017 },
  E_PAGE_GONE: { codeName: 'E_PAGE_GONE', code: 20018 },
  E_INTERNAL: { codeName: 'E_INTERNAL', code: 20019 },
  E_CANCELLED: { codeName: 'E_CANCELLED', code: 20020 },
}
