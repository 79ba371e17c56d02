// What the framework's own tests find around them in a mini-program: the words of a test runner, with the matchers of a
// published one, and a document that is drawn nowhere.

import { GLOBAL_EXPECT, JestAsymmetricMatchers, JestChaiExpect, JestExtend, getState, setState } from '@vitest/expect'
import { fn } from '@vitest/spy'
import * as chai from 'chai'
import { parseHTML } from 'linkedom'

chai.use(JestExtend)
chai.use(JestChaiExpect)
chai.use(JestAsymmetricMatchers)

export const expect = (/** @type {unknown} */ value) => {
  setState({ assertionCalls: getState(expect).assertionCalls + 1 }, expect)
  return chai.expect(value)
}
Object.assign(expect, chai.expect)
setState({ assertionCalls: 0, isExpectingAssertions: false, expectedAssertionsNumber: null }, expect)
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, configurable: true })

export const jest = { fn }

export const window = parseHTML('<!doctype html><html><head></head><body></body></html>')
Object.assign(window, {
  innerWidth: 1024,
  innerHeight: 768,
  devicePixelRatio: 1,
  requestAnimationFrame: (/** @type {() => void} */ draw) => setTimeout(draw, 0),
})
export const { document, HTMLElement, Element, Event, CustomEvent } = window

export class TouchEvent extends Event {
  constructor(/** @type {string} */ type, /** @type {any} */ init) {
    super(type, init)
    Object.assign(this, { touches: [], targetTouches: [], changedTouches: [], ...init })
  }
}

// Nothing has a place or a size.
const rectangle = { left: 0, top: 0, right: 0, bottom: 0, width: 0, height: 0 }
for (const name of ['clientWidth', 'clientHeight', 'scrollLeft', 'scrollTop', 'scrollWidth', 'scrollHeight']) {
  Object.defineProperty(HTMLElement.prototype, name, { value: 0, writable: true })
}
Object.assign(HTMLElement.prototype, { getBoundingClientRect: () => rectangle })

// What is compiled from text sees the globals alone.
Object.assign(globalThis, { expect })

/** @typedef {{ name: string, body: () => unknown }} Row */

/** @type {Array<{ name: string, before: Array<() => unknown>, after: Array<() => unknown>, rows: Row[] }>} */
const groups = [{ name: '', before: [], after: [], rows: [] }]
let group = groups[0]

export const describe = (/** @type {string} */ name, /** @type {() => void} */ body) => {
  const outer = group
  group = { name: `${outer.name}${name} > `, before: [...outer.before], after: [], rows: [] }
  groups.push(group)
  body()
  group = outer
}
export const it = (/** @type {string} */ name, /** @type {() => unknown} */ body) => {
  group.rows.push({ name: group.name + name, body })
}
export const test = it
export const beforeAll = (/** @type {() => unknown} */ body) => group.before.push(body)
export const afterAll = (/** @type {() => unknown} */ body) => group.after.push(body)

/** Runs a body that may take a function to call at its end. @param {Function} body */
const through = (body) => (body.length === 0 ? body() : new Promise((done) => body(done)))

/** Runs all that was described, and gives each row's name with what went wrong. */
export const run = async () => {
  /** @type {Record<string, string | null>} */
  const ends = {}
  for (const { before, after, rows } of groups) {
    if (rows.length === 0) continue
    for (const body of before) await through(body)
    for (const { name, body } of rows) {
      let failed = null
      try {
        await through(body)
      } catch (error) {
        failed = (error instanceof Error ? error.message : String(error)).slice(0, 500)
      }
      // Two rows of one name are told apart.
      let own = name
      while (own in ends) own += "'"
      ends[own] = failed
    }
    for (const body of after) await through(body)
  }
  return ends
}
