// Our side of the rows: a client with raised caps and mini-programs that run by themselves. An event tells one what to
// do; it calls `ft.mark` when it begins and when it is done, and the host notes the time.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** @typedef {typeof import('../../finapp/types/libfinapp/index.js')} Exports */
/** @typedef {{ name: string, sync?: boolean }} Declared a custom API as `FinClipConf.js` lists it */
/** @typedef {{ calls: number, window?: number }} Work what a mini-program is told to do */
/** @typedef {{ step: 'begin' | 'end' | 'failed', answer?: unknown }} Mark what a mini-program says */

/** Counts are raised so that a row measures the path and not the cap, and a loop may take as long as it takes. */
const limits = {
  liveApplets: 1_000,
  callsInFlight: 1_000,
  callsInFlightTotal: 100_000,
  turnForegroundMs: 60_000,
}

/** A client of the module that is measured. */
export class Stage {
  #folder = mkdtempSync(join(tmpdir(), 'finapp-bench-'))
  /** @type {(appId: string, mark: Mark) => void} */
  #marked = () => {}

  /** @param {string} module the path of the N-API module */
  constructor(module) {
    const { FinAppClient } = /** @type {Exports} */ (createRequire(import.meta.url)(resolve(module)))
    this.client = FinAppClient.init({ limits })
    this.client.registerCustomApi('mark', ({ params, callback, extInfo }) => {
      this.#marked(extInfo.appId, /** @type {any} */ (params))
      callback.onSuccess({})
    })
  }

  /**
   * Starts a mini-program of one script.
   * @param {string} appId
   * @param {string} source the text of `app.js`
   * @param {Declared[]} apis the custom APIs it declares, beside `mark`
   */
  async open(appId, source, apis) {
    const offlineLibraryPath = join(this.#folder, appId)
    mkdirSync(offlineLibraryPath)
    const extApi = [{ name: 'mark' }, ...apis]
    writeFileSync(join(offlineLibraryPath, 'FinClipConf.js'), `module.exports = { extApi: ${JSON.stringify(extApi)} }`)
    writeFileSync(join(offlineLibraryPath, 'app.js'), source)
    await this.client.startApplet({ appId, offlineLibraryPath })
  }

  /**
   * Has one mini-program do some work; gives the microseconds of one call between its two marks.
   * @param {string} appId
   * @param {Work} work
   * @param {(answer: any) => boolean} [isRight] looks at the last answer, which the mini-program hands back
   */
  async timed(appId, work, isRight = () => true) {
    let began = 0n
    const ended = await this.#ends(1, (step) => {
      if (step === 'begin') began = process.hrtime.bigint()
    }, () => this.client.sendCustomEvent(appId, work), isRight)
    return Number(ended - began) / 1e3 / work.calls
  }

  /**
   * Has several mini-programs work at once; gives the microseconds of one call, from the first event to the last end.
   * @param {[appId: string, work: Work][]} orders
   */
  async timedTogether(orders) {
    const calls = orders.reduce((sum, [, work]) => sum + work.calls, 0)
    let began = 0n
    const ended = await this.#ends(orders.length, () => {}, () => {
      began = process.hrtime.bigint()
      for (const [appId, work] of orders) this.client.sendCustomEvent(appId, work)
    }, () => true)
    return Number(ended - began) / 1e3 / calls
  }

  /**
   * When the last of `count` ends was marked.
   * @param {number} count
   * @param {(step: Mark['step']) => void} onMark
   * @param {() => void} start
   * @param {(answer: any) => boolean} isRight
   * @returns {Promise<bigint>}
   */
  #ends(count, onMark, start, isRight) {
    return new Promise((done, failed) => {
      this.#marked = (appId, { step, answer }) => {
        onMark(step)
        if (step === 'failed' || (step === 'end' && !isRight(answer))) {
          failed(new Error(`${appId} got a wrong answer: ${JSON.stringify(answer)}`))
        } else if (step === 'end' && --count === 0) {
          done(process.hrtime.bigint())
        }
      }
      start()
    })
  }

  /** Shuts the client down. */
  async end() {
    await this.client.shutdown()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/**
 * Runs `body` with a stage of its own.
 * @template T
 * @param {string} module
 * @param {(stage: Stage) => Promise<T>} body
 */
export async function onStage(module, body) {
  const stage = new Stage(module)
  try {
    return await body(stage)
  } finally {
    await stage.end()
  }
}
