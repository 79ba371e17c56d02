// A page without a browser: a context of its own with what the library needs of one, time that stands still until the
// test moves it, and the app's object. For what depends on the order of messages alone.

import vm from 'node:vm'
import { script } from './built.mjs'

/** @typedef {import('./fake_host.mjs').FakeHost} FakeHost */

export class VmPage {
  /** @type {string[]} */
  lines = []
  /** Errors that callbacks threw. @type {unknown[]} */
  thrown = []
  /** @type {Map<number, { run: () => void, delay: number }>} */
  timers = new Map()

  /**
   * @param {FakeHost} host
   * @param {{ source?: string, native?: boolean, extra?: object }} [options] what is loaded, and whether the app's object
   * is there from the start
   */
  constructor(host, { source = script, native = true, extra = {} } = {}) {
    this.host = host
    let timers = 0
    const note = (/** @type {unknown[]} */ ...words) => this.lines.push(words.join(' '))
    this.context = vm.createContext({
      console: { log: note, warn: note, error: note },
      crypto,
      TextEncoder,
      TextDecoder,
      btoa,
      atob,
      queueMicrotask,
      structuredClone,
      reportError: (/** @type {unknown} */ error) => this.thrown.push(error),
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ delay) => {
        this.timers.set((timers += 1), { run, delay })
        return timers
      },
      clearTimeout: (/** @type {number} */ timer) => this.timers.delete(timer),
      ...extra,
    })
    this.run('globalThis.window = globalThis')
    host.connect((text) => this.run(text))
    if (native) this.bringNative()
    this.run(source)
  }

  /** The app's object appears. */
  bringNative() {
    const send =
      (/** @type {string} */ method) =>
      (/** @type {unknown[]} */ ...given) =>
        this.host.receive(method, given)
    this.context.FinChatJSCore = Object.fromEntries(
      ['webInvokeHandler', 'invokeHandler', 'publishHandler'].map((method) => [method, send(method)]),
    )
  }

  /** Runs a script in the page. @param {string} text @returns {any} */
  run(text) {
    return vm.runInContext(text, this.context)
  }

  /** Runs a function there and gives its value as plain data. @param {Function} code @param {unknown[]} given */
  async call(code, ...given) {
    const value = await this.run(`(${code})(...${JSON.stringify(given)})`)
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
  }

  /** Lets the time of the next timer come. */
  tick() {
    const [next] = [...this.timers].sort(([, left], [, right]) => left.delay - right.delay)
    if (next === undefined) return false
    this.timers.delete(next[0])
    next[1].run()
    return true
  }
}

/** Lets promise jobs run, of this context and of the page's. */
export const jobs = () => new Promise((done) => setImmediate(done))
