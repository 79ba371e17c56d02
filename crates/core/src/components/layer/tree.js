// The view of a page as the framework sees it: a tree of elements in the order in which they would be drawn. Nothing is
// drawn here. While a view is attached, what changes is also noted down for it.

import { add, create, native, parse, part, soon, stringify } from './room.js'
import { isBuiltIn } from './built_in.js'
import { TAG as WEB_VIEW, WebView } from './web_view.js'

const COMPOSED = 2
const FRAGMENT = '#'
/** A view that is so far behind gets the whole tree again. */
const MOST_CHANGES = 20000

/** @type {any} */
const NOTHING = Object.freeze(create(null))
/** @type {any} */
const NO_CLASSES = Object.freeze([])
/** @type {any} */
const NO_CHILDREN = Object.freeze([])

/** A class stands here once for each style scope that it is given in; who looks sees it once.
 * @param {string[]} classes */
const written = (classes) => classes.length < 2 ? classes[0] ?? '' : [...new Set(classes)].join(' ')

export class TreeNode {
  /** @param {PageTree} tree @param {string} tag @param {string} [content] */
  constructor(tree, tag, content) {
    this.tree = tree
    this.id = tree.nextId()
    /** Empty for a text. */
    this.tag = tag
    this.content = content
    this.name = ''
    // Most nodes have none of these, so they share one that is empty until they do.
    /** @type {string[]} */
    this.classes = NO_CLASSES
    this.style = ''
    /** @type {Record<string, any>} */
    this.attributes = NOTHING
    /** What listens here. @type {Record<string, true>} */
    this.events = NOTHING
    /** @type {Record<string, (value: unknown) => void>} */
    this.models = NOTHING
    /** @type {TreeNode[]} */
    this.children = NO_CHILDREN
    /** @type {TreeNode | null} */
    this.parent = null
    /** The framework's own node. @type {any} */
    this.__wxElement = undefined
    if (tag !== FRAGMENT) tree.note(tag === '' ? ['text', this.id, content] : ['node', this.id, tag])
    if (tag === WEB_VIEW) tree.frame().add(this)
  }

  release() {
    this.__wxElement = undefined
  }

  /** @param {any} element */
  associateValue(element) {
    if (element.tagName !== undefined) {
      // A component: the framework has one name for all hosts, the template has its own.
      this.tag = element.tagName
      this.tree.note(['tag', this.id, this.tag])
    } else if (!isBuiltIn(this.tag)) {
      // A native node of an unknown name is a component that nobody declared.
      this.tree.unknown(this.tag, element.ownerShadowRoot.getHostNode().is)
    }
  }

  /** @param {TreeNode} child */
  appendChild(child) {
    this.#place(child, null, 0)
  }

  /** @param {TreeNode} child */
  removeChild(child) {
    if (child.parent === this) this.#place(null, child, 1)
  }

  /** @param {TreeNode} child @param {TreeNode} before */
  insertBefore(child, before) {
    this.#place(child, before, 0)
  }

  /** @param {TreeNode} child @param {TreeNode} old */
  replaceChild(child, old) {
    this.#place(child, old, 1)
  }

  /** @param {TreeNode} before @param {number} removed @param {TreeNode} list */
  spliceBefore(before, removed, list) {
    this.#place(list, before, removed)
  }

  /** @param {TreeNode} list */
  spliceAppend(list) {
    this.#place(list, null, 0)
  }

  /** @param {TreeNode} before @param {number} removed */
  spliceRemove(before, removed) {
    this.#place(null, before, removed)
  }

  /** Puts a node, or all that a fragment holds, before another and takes away some from there on.
   * @param {TreeNode | null} source @param {TreeNode | null} before @param {number} removed */
  #place(source, before, removed) {
    /** @type {TreeNode[]} */
    let fresh = []
    if (source !== null && source.tag === FRAGMENT) {
      fresh = source.children
      source.children = NO_CHILDREN
    } else if (source !== null) {
      source.parent?.removeChild(source)
      fresh = [source]
    }
    for (const child of fresh) child.parent = this
    const found = before === null ? -1 : this.children.indexOf(before)
    const at = found < 0 ? this.children.length : found
    if (at === this.children.length && fresh.length === 1) {
      if (this.children === NO_CHILDREN) this.children = []
      add(this.children, fresh[0])
    } else {
      const gone = part(this.children, at, at + removed)
      for (const child of gone) child.parent = null
      this.children = [...part(this.children, 0, at), ...fresh, ...part(this.children, at + removed)]
    }
    this.tree.webView?.changed()
    if (this.tag !== FRAGMENT) this.tree.note(['place', this.id, at, removed, fresh.map((child) => child.id)])
  }

  /** The id that the template wrote: the one that comes here is made different for each instance. */
  setId() {
    this.name = this.__wxElement?.id ?? ''
    this.tree.note(['id', this.id, this.name])
  }

  setStyleScope() {}

  /** @param {string} style */
  setStyle(style) {
    this.style = style
    this.tree.note(['style', this.id, style])
  }

  /** @param {string} name */
  addClass(name) {
    if (this.classes === NO_CLASSES) this.classes = []
    add(this.classes, name)
    this.tree.note(['class', this.id, written(this.classes)])
  }

  /** @param {string} name */
  removeClass(name) {
    const at = this.classes.indexOf(name)
    if (at >= 0) this.classes.splice(at, 1)
    this.tree.note(['class', this.id, written(this.classes)])
  }

  clearClasses() {
    this.classes = NO_CLASSES
    this.tree.note(['class', this.id, ''])
  }

  /** @param {string} name @param {unknown} value */
  setAttribute(name, value) {
    if (this.attributes === NOTHING) this.attributes = create(null)
    this.attributes[name] = value
    this.tree.note(['attribute', this.id, name, value])
    if (this.tag === WEB_VIEW) this.tree.webView?.changed()
  }

  /** @param {string} name */
  removeAttribute(name) {
    if (this.attributes !== NOTHING) delete this.attributes[name]
    this.tree.note(['attribute', this.id, name])
    if (this.tag === WEB_VIEW) this.tree.webView?.changed()
  }

  /** @param {string} content */
  setText(content) {
    this.content = content
    this.tree.note(['content', this.id, content])
  }

  /** @param {string} name @param {((value: unknown) => void) | null} listener */
  setModelBindingStat(name, listener) {
    if (this.models === NOTHING) this.models = create(null)
    if (listener === null) delete this.models[name]
    else this.models[name] = listener
  }

  /** @param {string} type */
  setListenerStats(type) {
    if (this.events === NOTHING) this.events = create(null)
    this.events[type] = true
    this.tree.note(['event', this.id, type])
  }

  /** @param {(rectangle: object) => void} done */
  getBoundingClientRect(done) {
    soon(() => done({ left: 0, top: 0, width: 0, height: 0 }))
  }

  /** @param {(offset: object) => void} done */
  getScrollOffset(done) {
    soon(() => done({ scrollLeft: 0, scrollTop: 0, scrollWidth: 0, scrollHeight: 0 }))
  }

  /** @param {(context: unknown) => void} done */
  getContext(done) {
    soon(() => done(null))
  }

  createIntersectionObserver() {
    return { disconnect() {} }
  }
}

/** One page's tree; the framework calls it a backend context. */
export class PageTree {
  #ids = 0
  /** @type {Record<string, true>} */
  #reported = create(null)
  /** @type {unknown[][] | null} */
  #changes = null
  #flushing = false

  /** @param {number} pageId */
  constructor(pageId) {
    this.mode = COMPOSED
    this.pageId = pageId
    this.closed = false
    /** Most pages have none. @type {WebView | undefined} */
    this.webView = undefined
    this.root = new TreeNode(this, 'page-frame')
  }

  nextId() {
    return ++this.#ids
  }

  /** What becomes of the page's `<web-view>`. */
  frame() {
    this.webView ??= new WebView(this.pageId)
    return this.webView
  }

  /** Says once that a template uses a component that nobody declared. @param {string} tag @param {string} file */
  unknown(tag, file) {
    if (this.#reported[`${file} ${tag}`]) return
    this.#reported[`${file} ${tag}`] = true
    native.error(new Error(`<${tag}> is no element and no component that ${file}.json declares`), `${file}.wxml`)
  }

  /** Notes changes from now on, beginning with the tree as it is; or stops. @param {boolean} on */
  watch(on) {
    this.#changes = on ? [['tree', this.root.id, snapshot(this.root)]] : null
    if (on) this.#flushSoon()
  }

  /** @param {unknown[]} change */
  note(change) {
    if (this.#changes === null) return
    if (this.#changes.length >= MOST_CHANGES) this.#changes = [['tree', this.root.id, snapshot(this.root)]]
    add(this.#changes, change)
    this.#flushSoon()
  }

  #flushSoon() {
    if (this.#flushing) return
    this.#flushing = true
    soon(() => {
      this.#flushing = false
      const changes = this.#changes
      if (changes === null || changes.length === 0) return
      this.#changes = []
      native.changes(this.pageId, stringify(changes))
    })
  }

  destroy() {
    this.closed = true
    this.watch(false)
  }

  getWindowWidth() {
    return 375
  }

  getWindowHeight() {
    return 667
  }

  getDevicePixelRatio() {
    return 1
  }

  getTheme() {
    return 'light'
  }

  registerStyleSheetContent() {}

  appendStyleSheetPath() {
    return 0
  }

  disableStyleSheet() {}

  /** @param {(error: null) => void} done */
  render(done) {
    soon(() => done(null))
  }

  getRootNode() {
    return this.root
  }

  /** @param {string} tag */
  createElement(tag) {
    return new TreeNode(this, tag)
  }

  /** @param {string} content */
  createTextNode(content) {
    return new TreeNode(this, '', content)
  }

  createFragment() {
    return new TreeNode(this, FRAGMENT)
  }

  onEvent() {}

  createMediaQueryObserver() {
    return { disconnect() {} }
  }
}

/** A value that a text of JSON can hold. @param {unknown} value */
const held = (value) => {
  const kept = typeof value === 'function' ? undefined : stringify(value)
  return kept === undefined ? undefined : parse(kept)
}

/** What a page looks like, as data. @param {TreeNode} node @returns {any} */
export const snapshot = (node) => {
  if (node.tag === '') return { node: node.id, text: node.content }
  /** @type {Record<string, unknown>} */
  const attributes = {}
  for (const name of Object.keys(node.attributes)) {
    const value = held(node.attributes[name])
    if (value !== undefined) attributes[name] = value
  }
  if (node.style !== '') attributes.style = node.style
  return {
    node: node.id,
    tag: node.tag,
    id: node.name,
    class: written(node.classes),
    attributes,
    text: node.children.length > 0 && node.children.every((child) => child.tag === '')
      ? node.children.map((child) => child.content).join('') : undefined,
    events: Object.keys(node.events),
    children: node.children.map(snapshot)
  }
}
