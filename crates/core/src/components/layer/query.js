// Selector queries over a tree that is not drawn: fields that need a view are zero, the others are as in the page.

import { add, guarded, isArray, soon } from './room.js'

const RECTANGLE = ['left', 'top', 'right', 'bottom']
const SIZE = ['width', 'height']
const SCROLL = ['scrollLeft', 'scrollTop', 'scrollWidth', 'scrollHeight']

/** @param {any} element the framework's node, or null for the viewport @param {any} wanted */
const fieldsOf = (element, wanted) => {
  /** @type {Record<string, any>} */
  const found = {}
  if (wanted.id) found.id = element === null ? '' : element.id
  if (wanted.dataset) found.dataset = element === null ? {} : { ...element.dataset }
  if (wanted.mark) found.mark = element === null ? {} : element.collectMarks()
  if (wanted.rect) for (const name of RECTANGLE) found[name] = 0
  if (wanted.size) for (const name of SIZE) found[name] = 0
  if (wanted.scrollOffset) for (const name of SCROLL) found[name] = 0
  if (wanted.node) found.node = null
  if (wanted.context) found.context = null
  for (const name of isArray(wanted.computedStyle) ? wanted.computedStyle : []) found[name] = ''
  if (element === null) return found
  const attributes = element.getBackendElement()?.attributes
  for (const name of isArray(wanted.properties) ? wanted.properties : []) {
    found[name] = element.data === undefined ? attributes?.[name] : element.data[name]
  }
  return found
}

class NodesRef {
  #query
  #ask

  /** @param {SelectorQuery} query @param {(wanted: object, callback: unknown) => void} ask */
  constructor(query, ask) {
    this.#query = query
    this.#ask = ask
  }

  /** @param {any} wanted @param {unknown} [callback] */
  fields(wanted, callback) {
    this.#ask(typeof wanted === 'object' && wanted !== null ? { ...wanted } : {}, callback)
    return this.#query
  }

  /** @param {unknown} [callback] */
  boundingClientRect(callback) {
    return this.fields({ id: true, dataset: true, rect: true, size: true }, callback)
  }

  /** @param {unknown} [callback] */
  scrollOffset(callback) {
    return this.fields({ id: true, dataset: true, scrollOffset: true }, callback)
  }

  /** @param {unknown} [callback] */
  node(callback) {
    return this.fields({ node: true }, callback)
  }

  /** @param {unknown} [callback] */
  context(callback) {
    return this.fields({ context: true }, callback)
  }
}

export class SelectorQuery {
  /** @type {any} */
  #component
  /** @type {Array<{find: () => any[] | any, wanted: object, callback: unknown}>} */
  #queue = []

  /** @param {any} component where to look; none looks nowhere */
  constructor(component) {
    this.#component = component
  }

  /** @param {any} component */
  in(component) {
    this.#component = component
    return this
  }

  /** @param {() => any} find */
  #ref(find) {
    return new NodesRef(this, (wanted, callback) => {
      add(this.#queue, { find, wanted, callback })
    })
  }

  /** @param {unknown} selector */
  select(selector) {
    const root = this.#component?._$?.getShadowRoot()
    return this.#ref(() => root?.querySelector(`${selector}`) ?? undefined)
  }

  /** @param {unknown} selector */
  selectAll(selector) {
    const root = this.#component?._$?.getShadowRoot()
    return this.#ref(() => root?.querySelectorAll(`${selector}`) ?? [])
  }

  selectViewport() {
    return this.#ref(() => null)
  }

  /** @param {unknown} [callback] */
  exec(callback) {
    const queue = this.#queue
    soon(() => {
      /** @type {unknown[]} */
      const results = []
      for (const { find, wanted, callback } of queue) {
        const found = find()
        const result = isArray(found) ? found.map((element) => fieldsOf(element, wanted))
          : found === undefined ? null : fieldsOf(found, wanted)
        add(results, result)
        if (typeof callback === 'function') guarded('SelectorQuery', callback, undefined, [result])
      }
      if (typeof callback === 'function') guarded('SelectorQuery', callback, undefined, [results])
    })
    return this
  }
}

/** Sees nothing: nothing is drawn. */
export class IntersectionObserver {
  relativeTo() {
    return this
  }

  relativeToViewport() {
    return this
  }

  observe() {}

  disconnect() {}
}

const STEPS = ['matrix', 'matrix3d', 'rotate', 'rotate3d', 'rotateX', 'rotateY', 'rotateZ', 'scale', 'scale3d', 'scaleX',
  'scaleY', 'scaleZ', 'skew', 'skewX', 'skewY', 'translate', 'translate3d', 'translateX', 'translateY', 'translateZ']
const STYLES = ['opacity', 'backgroundColor', 'width', 'height', 'top', 'left', 'bottom', 'right']

/** What `wx.createAnimation` gives: it notes the steps, and a view plays them. @param {any} options */
export const createAnimation = (options) => {
  const base = { duration: 400, timingFunction: 'linear', delay: 0, transformOrigin: '50% 50% 0', ...options }
  /** @type {object[]} */
  let actions = []
  /** @type {object[]} */
  let animates = []
  /** @type {Record<string, Function>} */
  const animation = {
    /** @param {any} own */
    step(own) {
      const { transformOrigin, ...transition } = { ...base, ...own }
      add(actions, { animates, option: { transformOrigin, transition } })
      animates = []
      return animation
    },
    export() {
      const done = { actions }
      actions = []
      return done
    }
  }
  for (const type of STEPS) {
    animation[type] = (/** @type {unknown[]} */ ...args) => {
      add(animates, { type, args })
      return animation
    }
  }
  for (const style of STYLES) {
    animation[style] = (/** @type {unknown} */ value) => {
      add(animates, { type: 'style', args: [style, typeof value === 'number' && style !== 'opacity' ? `${value}px` : value] })
      return animation
    }
  }
  return animation
}

