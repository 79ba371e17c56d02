// Events on their way into a page: which node is meant, how an event spreads, and what its handler gets to see.

import { glassEasel } from './frameworks.js'
import { add, assign, create, hide, text } from './room.js'

const { Event } = glassEasel

const SPREADING = ['tap', 'longpress', 'longtap', 'touchstart', 'touchmove', 'touchcancel', 'touchend', 'touchforcechange',
  'transitionend', 'animationstart', 'animationiteration', 'animationend']
/** @type {Record<string, true>} */
const spreads = create(null)
for (const type of SPREADING) spreads[type] = true

/** What a handler is told of a node: plain data, and no way into the framework. @param {any} node */
const described = (node) => ({ id: node.id, offsetLeft: 0, offsetTop: 0, dataset: assign({}, node.dataset) })

/** The element at which an event is heard. @type {WeakMap<object, any>} */
const heardAt = new WeakMap()

/** @param {object} event what a handler was given */
export const elementOf = (event) => heardAt.get(event)

hide(Event.prototype, 'wrapShadowedEvent',
  /** @this {any} @param {any} target @param {any} mark @param {any} currentTarget */
  function (target, mark, currentTarget) {
    const event = create(this)
    assign(event, this.extraFields)
    event.type = this.type
    event.timeStamp = this.timeStamp
    event.target = described(target)
    event.currentTarget = described(currentTarget)
    event.mark = mark === null ? {} : assign({}, mark)
    event.detail = this.detail
    heardAt.set(event, currentTarget)
    return event
  })

/** Sends an event off from a node. What an input's handler returns takes the place of its value.
 * @param {import('./tree.js').TreeNode} node @param {string} type @param {any} detail @returns {unknown} */
export const send = (node, type, detail) => sendFrom(node.__wxElement, type, detail)

/** The same from an element of the framework, which may have left its place. @param {any} element @param {string} type
 * @param {any} detail @returns {unknown} */
export const sendFrom = (element, type, detail) => {
  if (element === undefined) return undefined
  const wide = spreads[type] === true
  /** @type {unknown} */
  let returned
  const event = new Event(type, detail, {
    bubbles: wide,
    composed: wide,
    capturePhase: true,
    extraFields: wide ? { touches: [], changedTouches: [] } : undefined,
    handleListenerReturn(/** @type {unknown} */ value) {
      returned = value
    }
  })
  Event.dispatchEvent(element, event)
  return returned
}

/**
 * One part of a selector: `tag.class#id[name=value]`.
 * @typedef {{tag: string, id: string, classes: string[], attributes: Array<[string, string | undefined]>, by: string}} Step
 */

/** Takes the word at a place. @param {string} source @param {number} from */
const word = (source, from) => {
  let at = from
  while (at < source.length && text.find('.#[]=> ', source[at]) < 0) at++
  return text.slice(source, from, at)
}

/** @param {string} selector @returns {Step[]} */
const parsed = (selector) => {
  /** @type {Step[]} */
  const steps = []
  let by = ' '
  let at = 0
  while (at < selector.length) {
    if (selector[at] === ' ') {
      at++
    } else if (text.slice(selector, at, at + 3) === '>>>') {
      by = '>>>'
      at += 3
    } else if (selector[at] === '>') {
      by = '>'
      at++
    } else {
      /** @type {Step} */
      const step = { tag: '', id: '', classes: [], attributes: [], by }
      by = ' '
      for (; at < selector.length && selector[at] !== ' ' && selector[at] !== '>';) {
        const mark = selector[at]
        if (mark === '[') {
          const end = text.find(text.slice(selector, at), ']')
          if (end < 0) throw new Error(`the selector ${selector} has no end of its [`)
          const inside = text.slice(selector, at + 1, at + end)
          const equals = text.find(inside, '=')
          const value = equals < 0 ? undefined : text.slice(inside, equals + 1)
          const quoted = value !== undefined && (value[0] === '"' || value[0] === '\'')
          add(step.attributes, [equals < 0 ? inside : text.slice(inside, 0, equals),
            quoted ? text.slice(value, 1, value.length - 1) : value])
          at += end + 1
          continue
        }
        const begin = mark === '.' || mark === '#' ? at + 1 : at
        const name = word(selector, begin)
        if (name === '' && mark !== '*') throw new Error(`the selector ${selector} cannot be read at ${at}`)
        if (mark === '.') add(step.classes, name)
        else if (mark === '#') step.id = name
        else step.tag = name === '*' ? '' : name
        at = begin + name.length
      }
      add(steps, step)
    }
  }
  if (steps.length === 0) throw new Error('the selector is empty')
  return steps
}

/** @param {import('./tree.js').TreeNode} node @param {string} name */
const attributeOf = (node, name) => {
  if (text.begins(name, 'data-')) return node.__wxElement?.dataset?.[camel(text.slice(name, 5))]
  return node.attributes[name]
}

/** @param {string} name */
const camel = (name) => {
  let made = ''
  for (let at = 0; at < name.length; at++) made += name[at] === '-' ? (name[++at] ?? '').toUpperCase() : name[at]
  return made
}

/** @param {import('./tree.js').TreeNode} node @param {Step} step */
const fits = (node, step) => {
  if (step.tag !== '' && node.tag !== step.tag) return false
  // The id that the template wrote, not the one that a drawn tree would have.
  if (step.id !== '' && node.__wxElement?.id !== step.id) return false
  for (const name of step.classes) if (!node.classes.includes(name)) return false
  for (const [name, value] of step.attributes) {
    const own = attributeOf(node, name)
    if (own === undefined || (value !== undefined && `${own}` !== value)) return false
  }
  return true
}

/** @param {import('./tree.js').TreeNode} node */
const ownerOf = (node) => node.__wxElement?.ownerShadowRoot

/** Whether the steps up to one lead to the node. @param {import('./tree.js').TreeNode} node @param {Step[]} steps
 * @param {number} at @param {any} shadowRoot where the selector begins @returns {boolean} */
const leads = (node, steps, at, shadowRoot) => {
  const step = steps[at]
  if (!fits(node, step)) return false
  if (at === 0) return step.by === '>>>' || ownerOf(node) === shadowRoot
  for (let above = node.parent; above !== null; above = above.parent) {
    const near = step.by === '>>>' || ownerOf(above) === ownerOf(node)
    if (near && leads(above, steps, at - 1, shadowRoot)) return true
    if (step.by === '>' && near) return false
  }
  return false
}

/** The first node of a page that a selector means. @param {import('./tree.js').TreeNode} root @param {any} shadowRoot
 * @param {string} selector @returns {import('./tree.js').TreeNode | undefined} */
export const findNode = (root, shadowRoot, selector) => {
  const steps = parsed(selector)
  const waiting = [root]
  while (waiting.length > 0) {
    const node = /** @type {import('./tree.js').TreeNode} */ (waiting.pop())
    if (node.tag !== '' && leads(node, steps, steps.length - 1, shadowRoot)) return node
    for (let at = node.children.length - 1; at >= 0; at--) add(waiting, node.children[at])
  }
  return undefined
}
