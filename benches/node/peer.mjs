// The peer: what a user would take instead and npm delivers. quickjs-emscripten in its default release build, in a
// Worker; one JSON text for each message each way, parsed on both sides.

import { Worker } from 'node:worker_threads'

/** @typedef {import('./stage.mjs').Work} Work */

/** A worker with its guest. */
export class Peer {
  /** @type {(step: string, answer: unknown) => void} */
  #marked = () => {}

  /** @param {Worker} worker @param {Record<string, (params: any) => unknown>} handlers */
  constructor(worker, handlers) {
    this.worker = worker
    const all = {
      ...handlers,
      mark: (/** @type {{ step: string, answer: unknown }} */ { step, answer }) => {
        this.#marked(step, answer)
        return {}
      },
    }
    worker.on('error', (error) => {
      throw error
    })
    worker.on('message', (/** @type {string} */ text) => {
      const { id, api, params } = JSON.parse(text)
      worker.postMessage(JSON.stringify({ id, result: /** @type {any} */ (all)[api](params) }))
    })
  }

  /**
   * Starts the worker.
   * @param {Record<string, (params: any) => unknown>} handlers
   */
  static async start(handlers) {
    const worker = new Worker(new URL('peer-worker.mjs', import.meta.url))
    await new Promise((ready) => worker.once('message', ready))
    return new Peer(worker, handlers)
  }

  /**
   * Has the guest do some work; gives the microseconds of one call between its two marks.
   * @param {Work} work
   * @param {(answer: any) => boolean} isRight
   * @returns {Promise<number>}
   */
  timed(work, isRight) {
    return new Promise((done, failed) => {
      let began = 0n
      this.#marked = (step, answer) => {
        if (step === 'begin') began = process.hrtime.bigint()
        else if (isRight(answer)) done(Number(process.hrtime.bigint() - began) / 1e3 / work.calls)
        else failed(new Error(`the peer got a wrong answer: ${JSON.stringify(answer)}`))
      }
      this.worker.postMessage(JSON.stringify({ work }))
    })
  }

  /** Ends the worker. */
  async end() {
    await this.worker.terminate()
  }
}
