// The app's side of a page's transport, written from the messages alone: what a page sends, and what it is answered. It
// knows nothing of the library under test; FinClip's own library talks to the same object.

import assert from 'node:assert/strict'

/** @typedef {{ method: string, name: string, text: string, id: number, params: any }} Message as a page sent it */
/**
 * @typedef {(params: any, message: Message) => object | undefined | Promise<object>} Api gives the answer; nothing
 * for none yet
 */

const PATIENCE = 60_000

export class FakeHost {
  /** What the page is told of `initPage`. */
  pageId = 4242
  /** The token of the document that is open; a new one for each `initPage`. */
  token = ''
  /** Whether the page has accepted the extensions. @type {string[] | undefined} */
  accepted
  /** @type {Message[]} */
  wire = []
  /** @type {Record<string, Api>} */
  apis = {}
  /** What the functions of the app's object return, by name of the API. @type {Record<string, unknown>} */
  returns = {}
  /** Values of the page's handlers, as it sent them. @type {any[]} */
  replies = []
  #seq = 0
  #documents = 0
  /** @type {Set<() => void>} */
  #waiting = new Set()
  /** @type {(source: string) => unknown} */
  #evaluate = () => undefined

  /**
   * @param {{ features?: string[], apis?: Record<string, Api> }} [options] without features it is a host like FinClip's
   */
  constructor({ features, apis = {} } = {}) {
    this.features = features
    this.apis = apis
  }

  /** @param {(source: string) => unknown} evaluate runs a script in the page */
  connect(evaluate) {
    this.#evaluate = evaluate
  }

  /** A message of the page. @param {string} method @param {unknown[]} given */
  receive(method, given) {
    const [name, text, id] = given
    assert.equal(given.length, 3, `${method} takes three arguments`)
    assert.ok(typeof name === 'string' && typeof text === 'string', `${method}(name, text, …)`)
    const message = /** @type {Message} */ ({ method, name, text, id, params: JSON.parse(text) })
    this.wire.push(message)
    if (method !== 'publishHandler') this.#answer(message)
    this.note(() => undefined)
    return this.returns[/** @type {string} */ (name)]
  }

  /** Does something that somebody may be waiting for. @param {() => unknown} act */
  note(act) {
    act()
    for (const look of [...this.#waiting]) look()
  }

  /** @param {Message} message */
  async #answer(message) {
    const { method, name, params, id } = message
    assert.ok(Number.isSafeInteger(id) && id > 0, `an id: ${id}`)
    if (name === 'initPage' && method === 'webInvokeHandler') return this.#greet(message)
    if (name === 'finapp.accept') {
      assert.equal(params.token, this.token)
      this.accepted = params.features
    } else if (name === 'finapp.reply') {
      this.replies.push(params)
    } else if (!name.startsWith('finapp.')) {
      const { _sync, ...rest } = params
      const api = this.apis[name] ?? (() => ({ errMsg: `${name}:fail 该api未实现` }))
      const result = await api(rest, message)
      if (result !== undefined) await this.answer(message, result)
    }
  }

  /** @param {Message} message */
  #greet({ id, text }) {
    assert.equal(text, '{}')
    this.#documents += 1
    this.token = `document-${this.#documents}-of-this-test`
    this.#seq = 1
    this.accepted = undefined
    if (this.pageId === 0) return
    const offer = this.features && { token: this.token, seq: 0, version: 1, features: this.features }
    this.run('webInvokeCallbackHandler', id, this.pageId, ...(offer ? [offer] : []))
  }

  /** The stamp of the next message to the page, if this host stamps its messages. @param {object} [more] */
  stamp(more) {
    return this.features && { token: this.token, seq: this.#seq++, ...more }
  }

  /**
   * Answers a call on the channel that it came on.
   * @param {{ method: string, id: number | string }} message
   * @param {unknown} result
   */
  answer({ method, id }, result) {
    const stamp = this.stamp()
    const name = method === 'webInvokeHandler' ? 'webInvokeCallbackHandler' : 'invokeCallbackHandler'
    return this.run(name, id, result, ...(stamp ? [stamp] : []))
  }

  /**
   * Sends an event, or calls a function of the page. Gives what the script gives.
   * @param {string} name
   * @param {unknown} data
   * @param {string} [call]
   */
  event(name, data, call) {
    const stamp = this.stamp(call === undefined ? undefined : { call })
    return this.run('webSubscribeCallBackHandler', name, data, this.pageId, null, ...(stamp ? [stamp] : []))
  }

  /** Calls a function of the page's bridge object. @param {string} method @param {unknown[]} given */
  run(method, ...given) {
    const text = given.map((value) => (value === undefined ? 'undefined' : JSON.stringify(value))).join(', ')
    return this.#evaluate(`FinChatJSBridge.${method}(${text})`)
  }

  /** The messages of a name. @param {string} name */
  sent(name) {
    return this.wire.filter((message) => message.name === name)
  }

  /** Waits for a message, by default the first of its name. @param {string} name @returns {Promise<Message>} */
  message(name, which = 1) {
    return this.until(() => this.sent(name)[which - 1], `message ${which} ${name}`)
  }

  /**
   * Waits until something that a message brings about is there.
   * @template T
   * @param {() => T | undefined} find
   * @param {string} what
   * @returns {Promise<T>}
   */
  until(find, what) {
    return new Promise((done, reject) => {
      const timer = setTimeout(() => reject(new Error(`still waiting for ${what}`)), PATIENCE)
      const look = () => {
        const found = find()
        if (found === undefined) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        done(found)
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** What the page sent, without ids, and without what begins a document. */
  get calls() {
    return this.wire
      .filter(({ name }) => name !== 'initPage' && name !== 'finapp.accept')
      .map(({ method, name, text }) => [method, name, text])
  }
}
