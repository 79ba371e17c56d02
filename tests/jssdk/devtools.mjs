// Chromium over the DevTools protocol: two pipes, messages as JSON that end with a NUL. One browser for a suite, with a
// profile of its own; nothing of it reaches the network but what a test answers itself.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--remote-debugging-pipe',
]

/** How long a command may take. Generous: it is never reached when all is well. */
const PATIENCE = 60_000

/** @typedef {{ method: string, params: any }} Event */

/** One browser. */
export class Browser {
  #folder = mkdtempSync(join(tmpdir(), 'finapp-chromium-'))
  #process
  #last = 0
  /** @type {Map<number, { done: (result: any) => void, failed: (error: Error) => void }>} */
  #calls = new Map()
  /** By session. @type {Map<string, (event: Event) => void>} */
  #listeners = new Map()

  constructor() {
    this.#process = spawn('chromium', [...FLAGS, `--user-data-dir=${this.#folder}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.#process.on('error', (error) => this.#end(error))
    this.#process.on('exit', () => this.#end(new Error('the browser has ended')))
    let rest = ''
    const from = /** @type {import('node:stream').Readable} */ (this.#process.stdio[4])
    from.setEncoding('utf8')
    from.on('data', (text) => {
      const messages = `${rest}${text}`.split('\0')
      rest = messages.pop() ?? ''
      for (const message of messages) this.#take(JSON.parse(message))
    })
  }

  /** @param {any} message */
  #take(message) {
    if (message.id === undefined) {
      this.#listeners.get(message.sessionId)?.(message)
      return
    }
    const call = this.#calls.get(message.id)
    this.#calls.delete(message.id)
    if (message.error) call?.failed(new Error(message.error.message))
    else call?.done(message.result)
  }

  /** @param {Error} error */
  #end(error) {
    for (const { failed } of this.#calls.values()) failed(error)
    this.#calls.clear()
  }

  /** @param {string} method @param {object} [params] @param {string} [sessionId] @returns {Promise<any>} */
  send(method, params = {}, sessionId) {
    const id = (this.#last += 1)
    const to = /** @type {import('node:stream').Writable} */ (this.#process.stdio[3])
    to.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`)
    return new Promise((done, failed) => {
      // A page that never answers is a failed test, never a stuck one.
      const timer = setTimeout(() => failed(new Error(`still waiting for ${method}`)), PATIENCE)
      const end = (/** @type {(value: any) => void} */ how) => (/** @type {any} */ value) => {
        clearTimeout(timer)
        how(value)
      }
      this.#calls.set(id, { done: end(done), failed: end(failed) })
    })
  }

  /** Opens a tab. @param {(event: Event) => void} listener */
  async open(listener) {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true })
    this.#listeners.set(sessionId, listener)
    return {
      send: (/** @type {string} */ method, /** @type {object} */ params = {}) => this.send(method, params, sessionId),
      close: () => this.send('Target.closeTarget', { targetId }),
    }
  }

  /** Ends the browser. */
  async close() {
    const ended = new Promise((done) => this.#process.once('exit', done))
    this.send('Browser.close').catch(() => undefined)
    await ended
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
