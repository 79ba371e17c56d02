// What scripts of templates are given of elements: descriptors, as WeChat has them, and never a node of the framework.
// A script hears of changed properties and of events; whoever answers to it is asked by name.

import { glassEasel, ProcGenWrapper } from './frameworks.js'
import { add, apply, assign, create, freeze, getPrototypeOf, guarded, isArray, keys, soon, text } from './room.js'
import { elementOf } from './events.js'

const { Component } = glassEasel

/** The segment of an element's style that nothing else writes to. */
const OF_SCRIPTS = 3
const FRAME_MS = 16

/** @type {WeakMap<object, ComponentDescriptor>} */
const descriptors = new WeakMap()

/** The one descriptor of an element. @param {any} element */
const describe = (element) => {
  let known = descriptors.get(element)
  if (known === undefined) {
    known = new ComponentDescriptor(element)
    descriptors.set(element, known)
  }
  return known
}

/** @param {any} element */
const isComponent = (element) => element.getMethodCaller !== undefined

/** Where to look for what is inside of an element. @param {any} element */
const insideOf = (element) => isComponent(element) ? element.getShadowRoot() ?? element : element

/** The component whose methods an element's script may call. @param {any} element */
const ownerOf = (element) => isComponent(element) ? element : element.ownerShadowRoot?.getHostNode()

/** `{ backgroundColor: 'red' }` as a style has it. @param {any} style */
const styleText = (style) => {
  if (typeof style !== 'object' || style === null) return `${style ?? ''}`
  let made = ''
  for (const name of keys(style)) {
    let written = ''
    for (let at = 0; at < name.length; at++) {
      const small = text.lower(name[at])
      written += small === name[at] ? small : `-${small}`
    }
    made += `${made === '' ? '' : ';'}${written}:${style[name]}`
  }
  return made
}

/** @param {any} element @param {unknown} names @param {boolean} on */
const toggle = (element, names, on) => {
  for (const name of text.split(`${names}`, ' ')) if (name !== '') element.toggleNodeClass(name, on, OF_SCRIPTS)
}

class ComponentDescriptor {
  #element
  #state = {}

  /** @param {any} element */
  constructor(element) {
    this.#element = element
    freeze(this)
  }

  /** @param {unknown} selector */
  selectComponent(selector) {
    const found = insideOf(this.#element).querySelector(`${selector}`)
    return found === null ? null : describe(found)
  }

  /** @param {unknown} selector */
  selectAllComponents(selector) {
    /** @type {ComponentDescriptor[]} */
    const found = []
    for (const element of insideOf(this.#element).querySelectorAll(`${selector}`)) add(found, describe(element))
    return found
  }

  /** @param {unknown} style */
  setStyle(style) {
    this.#element.setNodeStyle(styleText(style), OF_SCRIPTS)
    return this
  }

  /** @param {unknown} names */
  addClass(names) {
    toggle(this.#element, names, true)
    return this
  }

  /** @param {unknown} names */
  removeClass(names) {
    // What the template gave goes too, until the template gives it again.
    toggle(this.#element, names, false)
    for (const name of text.split(`${names}`, ' ')) if (name !== '') this.#element.toggleNodeClass(name, false)
    return this
  }

  /** @param {unknown} name */
  hasClass(name) {
    const { classList } = this.#element
    return classList !== null && (classList.contains(`${name}`, 0) || classList.contains(`${name}`, OF_SCRIPTS))
  }

  getDataset() {
    return assign({}, this.#element.dataset)
  }

  /** What a script keeps here until the element is gone. */
  getState() {
    return this.#state
  }

  /** @param {unknown} name @param {unknown} [given] */
  callMethod(name, given) {
    const owner = ownerOf(this.#element)
    const method = owner === undefined ? undefined : Component.getMethod(owner, `${name}`)
    if (typeof method !== 'function') return
    guarded(`${owner.is}.js ${name}`, method, owner.getMethodCaller(), [given])
  }

  /** @param {unknown} name @param {unknown} [detail] */
  triggerEvent(name, detail) {
    this.#element.triggerEvent(`${name}`, detail === undefined ? {} : detail, {})
  }

  /** Nothing is drawn here: a frame comes by the clock. @param {unknown} draw */
  requestAnimationFrame(draw) {
    this.setTimeout(draw, FRAME_MS)
  }

  /** @param {unknown} task @param {unknown} delay */
  setTimeout(task, delay) {
    if (typeof task !== 'function') return 0
    return setTimeout(() => guarded('a script of a template', task, undefined, []), Number(delay) || 0)
  }

  /** @param {any} id */
  clearTimeout(id) {
    clearTimeout(id)
  }

  /** What a style is when it is drawn is not known here. @param {unknown} names */
  getComputedStyle(names) {
    /** @type {Record<string, string>} */
    const found = {}
    for (const name of isArray(names) ? names : []) found[`${name}`] = ''
    return found
  }

  getBoundingClientRect() {
    return { left: 0, top: 0, right: 0, bottom: 0, width: 0, height: 0 }
  }
}

freeze(ComponentDescriptor.prototype)

/** The first step of a path that leads into a script of a template: a file of its own, or written in the template. */
const SCRIPT = 1
const INLINE_SCRIPT = 2

/** @param {any} path */
const isScript = (path) => isArray(path) && (path[0] === SCRIPT || path[0] === INLINE_SCRIPT)

/** A change of a property: whatever hears of it is a script's, or came as data, and gets no node either way. It hears of
 * it when the elements around are there, as where scripts run beside the view.
 * @param {Function} listener */
const changed = (listener) => (/** @type {unknown} */ value, /** @type {unknown} */ old, /** @type {any} */ host, /** @type {any} */ element) => {
  soon(() => guarded(`${host.is}.wxml`, listener, undefined, [value, old, describe(host), describe(element)]))
}

/** @param {any} caller @param {any} event @param {Function} listener @param {any} path */
const heard = (caller, event, listener, path) => {
  if (!isScript(path)) return apply(listener, caller, [event])
  const element = elementOf(event)
  const own = assign(create(getPrototypeOf(event)), event)
  own.instance = element === undefined ? null : describe(element)
  return apply(listener, undefined, [own, describe(caller._$)])
}

/** Puts descriptors between templates and their scripts. */
export const describeToScripts = () => {
  ProcGenWrapper.prototype.setFnFilter = /** @this {any} */ function () {
    this.changePropFilter = changed
  }
  ProcGenWrapper.prototype.setEventListenerWrapper = /** @this {any} */ function () {
    this.eventListenerWrapper = heard
  }
}
