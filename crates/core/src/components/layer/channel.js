// The two ends of an event channel between a page and the page that it opened. What is sent before the other side
// listens waits for it.

import { add, create, guarded, part } from './room.js'

const MOST_WAITING = 1000

export class EventChannel {
  /** @type {Record<string, Array<{listener: Function, once: boolean}>>} */
  #listeners = create(null)
  /** @type {Record<string, unknown[][]>} */
  #waiting = create(null)
  /** @type {EventChannel | null} */
  #other = null

  /** Two ends that belong together. */
  static pair() {
    const ends = [new EventChannel(), new EventChannel()]
    ends[0].#other = ends[1]
    ends[1].#other = ends[0]
    return ends
  }

  /** @param {string} name @param {unknown} listener @param {boolean} once */
  #listen(name, listener, once) {
    if (typeof listener !== 'function') return
    const list = (this.#listeners[name] ??= [])
    add(list, { listener, once })
    const waiting = this.#waiting[name]
    if (waiting === undefined) return
    delete this.#waiting[name]
    for (const given of waiting) this.#deliver(name, given)
  }

  /** @param {string} name @param {unknown[]} given */
  #deliver(name, given) {
    const list = this.#listeners[name]
    if (list === undefined || list.length === 0) {
      const waiting = (this.#waiting[name] ??= [])
      if (waiting.length < MOST_WAITING) add(waiting, given)
      return
    }
    for (const { listener, once } of part(list)) {
      if (once) this.off(name, listener)
      guarded(`eventChannel "${name}"`, listener, undefined, given)
    }
  }

  /** @param {unknown} name @param {unknown} listener */
  on(name, listener) {
    this.#listen(`${name}`, listener, false)
  }

  /** @param {unknown} name @param {unknown} listener */
  once(name, listener) {
    this.#listen(`${name}`, listener, true)
  }

  /** @param {unknown} name @param {unknown} [listener] */
  off(name, listener) {
    const own = `${name}`
    const list = this.#listeners[own]
    if (list === undefined) return
    if (listener === undefined) {
      delete this.#listeners[own]
    } else {
      this.#listeners[own] = list.filter((held) => held.listener !== listener)
    }
  }

  /** @param {unknown} name @param {...unknown} given */
  emit(name, ...given) {
    if (this.#other !== null) this.#other.#deliver(`${name}`, given)
  }
}

/** What a page has that nobody opened: usable, and nobody at the other end. */
export const emptyChannel = () => new EventChannel()
