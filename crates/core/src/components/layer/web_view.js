// The `<web-view>` of a page. A page has one at most, and what it shows is up to its `src`: that goes to Rust, which opens
// a web page there. What the web page says comes back as events of the element.

import { add, native, soon } from './room.js'
import { sendFrom } from './events.js'

/** @typedef {import('./tree.js').TreeNode} TreeNode */

export const TAG = 'web-view'

/** Whether a node stands in its tree, and is not only made or taken out again. @param {TreeNode} node */
const isThere = (node) => {
  let at = node
  while (at.parent !== null) at = at.parent
  return at === node.tree.root
}

/** What is left of a value that is to be text. @param {unknown} value */
const textOf = (value) => (typeof value === 'string' ? value : '')

/** Elements that were refused: each is warned of once. @type {WeakSet<TreeNode>} */
const refused = new WeakSet()

export class WebView {
  /** @type {TreeNode[]} */
  #nodes = []
  /** @type {{node: TreeNode, element: any, src: string} | null} */
  #shown = null
  #waits = false
  #pageId

  /** @param {number} pageId */
  constructor(pageId) {
    this.#pageId = pageId
  }

  /** @param {TreeNode} node */
  add(node) {
    add(this.#nodes, node)
    this.changed()
  }

  /** Something happened to the tree: what that means is seen when it is through. */
  changed() {
    if (this.#waits) return
    this.#waits = true
    soon(() => {
      this.#waits = false
      this.#settle()
    })
  }

  #settle() {
    /** @type {TreeNode[]} */
    const there = []
    let stays = false
    for (const node of this.#nodes) {
      if (!isThere(node)) continue
      add(there, node)
      stays = stays || node === this.#shown?.node
    }
    this.#nodes = there
    if (!stays) this.leave()
    const node = this.#shown?.node ?? there[0]
    for (const other of there) {
      if (other === node || refused.has(other)) continue
      refused.add(other)
      native.log('warn', `<${TAG}>: a page has one, and this is another; it stays empty`)
    }
    if (node === undefined) return
    const src = textOf(node.attributes.src)
    if (src === '') return this.leave()
    if (src === this.#shown?.src) return
    this.#shown = { node, element: node.__wxElement, src }
    const timeout = Number(node.attributes.timeout)
    native.webView(this.#pageId, src, timeout > 0 ? timeout : 0)
  }

  /** The element is gone, or has nothing to show any more. */
  leave() {
    if (this.#shown === null) return
    this.deliver(false)
    this.#shown = null
    native.webView(this.#pageId, '', 0)
  }

  /** Tells of what the web page has posted so far. @param {boolean} keep whether it is told again the next time */
  deliver(keep) {
    if (this.#shown === null) return
    const data = native.messages(this.#pageId, keep)
    if (data !== undefined) sendFrom(this.#shown.element, 'message', { data })
  }

  /** @param {string} type @param {any} detail */
  hear(type, detail) {
    if (this.#shown !== null) sendFrom(this.#shown.element, type, detail)
  }
}
