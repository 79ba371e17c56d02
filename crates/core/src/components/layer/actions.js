// What the platform's elements do by themselves when a person uses them: a form collects, a box is ticked, a label hands
// on, a navigator navigates, an input keeps what was typed.

import { add, create, tools } from './room.js'
import { send } from './events.js'
import { hasPlatformBehavior } from './definitions.js'
import { pluginOf } from './plugins.js'

/** @typedef {import('./tree.js').TreeNode} TreeNode */

/** The words for which an attribute stands, whatever its type. @param {unknown} value */
const isOn = (value) => value !== undefined && value !== false && value !== null && value !== 'false' && value !== ''
  || value === ''

/** @param {TreeNode} node @param {string} name */
const has = (node, name) => name in node.attributes && isOn(node.attributes[name])

/** @param {TreeNode} node @param {(node: TreeNode) => boolean} meant @returns {TreeNode | undefined} */
const above = (node, meant) => {
  for (let at = node.parent; at !== null; at = at.parent) if (meant(at)) return at
  return undefined
}

/** Every node inside, in order. @param {TreeNode} node @returns {TreeNode[]} */
const inside = (node) => {
  /** @type {TreeNode[]} */
  const found = []
  const waiting = [node]
  while (waiting.length > 0) {
    const at = /** @type {TreeNode} */ (waiting.pop())
    if (at !== node) add(found, at)
    for (let child = at.children.length - 1; child >= 0; child--) add(waiting, at.children[child])
  }
  return found
}

/** The framework's component behind a node, if it is one. @param {TreeNode} node */
const componentAt = (node) => node.__wxElement?.hasBehavior === undefined ? undefined : node.__wxElement

/** @param {TreeNode} node @param {string} name @param {unknown} value */
const set = (node, name, value) => {
  node.setAttribute(name, value)
  node.models[name]?.(value)
}

/** The values of the ticked boxes of a group. @param {TreeNode} group @param {string} tag */
const ticked = (group, tag) => inside(group)
  .filter((node) => node.tag === tag && has(node, 'checked'))
  .map((node) => node.attributes.value ?? '')

/** What a control of a form has to say; undefined when the node is none. @param {TreeNode} node @returns {any} */
const valueOf = (node) => {
  switch (node.tag) {
    case 'input':
    case 'textarea':
      return node.attributes.value ?? ''
    case 'switch':
      return has(node, 'checked')
    case 'slider':
      return Number(node.attributes.value ?? node.attributes.min ?? 0)
    case 'picker':
    case 'picker-view':
      return node.attributes.value ?? ''
    case 'checkbox-group':
      return ticked(node, 'checkbox')
    case 'radio-group':
      return ticked(node, 'radio')[0] ?? ''
    default:
      return undefined
  }
}

/**
 * The controls of a form that have a name, components among them: those that have no node of their own too. What is put
 * into a component belongs to the form; what a component is made of is its own, unless it is a group of fields.
 * @param {TreeNode} form
 */
const controlsOf = (form) => {
  /** @type {Array<{name: string, node: TreeNode, component: any}>} */
  const controls = []
  const closed = new Set()
  const waiting = [form.__wxElement]
  while (waiting.length > 0) {
    const element = waiting.pop()
    const component = element.hasBehavior === undefined ? undefined : element
    const isOpen = !closed.has(element.ownerShadowRoot)
    if (component !== undefined) {
      if (isOpen && component.data.name && hasPlatformBehavior(component, 'wx://form-field')) {
        add(controls, { name: component.data.name, node: component.getBackendElement(), component })
      }
      if (!isOpen || !hasPlatformBehavior(component, 'wx://form-field-group')) closed.add(component.getShadowRoot())
    } else if (isOpen) {
      const node = element.getBackendElement()
      if (node?.attributes?.name && valueOf(node) !== undefined) {
        add(controls, { name: `${node.attributes.name}`, node, component: undefined })
      }
    }
    const children = element.getComposedChildren?.() ?? []
    for (let at = children.length - 1; at >= 0; at--) add(waiting, children[at])
  }
  return controls
}

/** @param {TreeNode} form */
const submit = (form) => {
  /** @type {Record<string, unknown>} */
  const value = {}
  for (const { name, node, component } of controlsOf(form)) {
    tools.define(value, name, component === undefined ? valueOf(node) : component.data.value)
  }
  send(form, 'submit', { value, formId: '' })
}

/** @param {TreeNode} form */
const reset = (form) => {
  for (const { node, component } of controlsOf(form)) {
    if (component !== undefined) continue
    if (node.tag === 'switch') set(node, 'checked', false)
    else if (node.tag === 'checkbox-group' || node.tag === 'radio-group') {
      for (const box of inside(node)) if (has(box, 'checked')) set(box, 'checked', false)
    } else set(node, 'value', node.tag === 'slider' ? node.attributes.min ?? 0 : '')
  }
  send(form, 'reset', {})
}

/** The form around a button; a component lets its buttons out only if it says so. @param {TreeNode} button */
const formOf = (button) => {
  let shadowRoot = button.__wxElement?.ownerShadowRoot
  for (let at = button.parent; at !== null; at = at.parent) {
    const component = componentAt(at)
    if (component !== undefined && component.getShadowRoot() === shadowRoot) {
      if (!hasPlatformBehavior(component, 'wx://form-field-button')) return undefined
      shadowRoot = component.ownerShadowRoot
    }
    if (at.tag === 'form') return at
  }
  return undefined
}

/** @param {TreeNode} node */
const tick = (node) => {
  const kind = node.tag
  const group = above(node, (at) => at.tag === `${kind}-group`)
  if (kind === 'radio') {
    if (has(node, 'checked')) return
    for (const other of group === undefined ? [] : inside(group)) {
      if (other.tag === 'radio' && other !== node && has(other, 'checked')) set(other, 'checked', false)
    }
    set(node, 'checked', true)
  } else {
    set(node, 'checked', !has(node, 'checked'))
  }
  if (group === undefined) return
  send(group, 'change', { value: kind === 'radio' ? node.attributes.value ?? '' : ticked(group, kind) })
}

const OPEN_TYPES = create(null)
for (const [type, api] of [['navigate', 'navigateTo'], ['redirect', 'redirectTo'], ['switchTab', 'switchTab'],
  ['reLaunch', 'reLaunch'], ['navigateBack', 'navigateBack']]) OPEN_TYPES[type] = api

/** In whose name an element acts: that of whoever wrote it. @param {TreeNode} node */
const scopeOf = (node) => {
  const file = node.__wxElement?.ownerShadowRoot?.getHostNode()?.is
  const plugin = typeof file === 'string' ? pluginOf(file) : undefined
  for (const scope of tools.scopes) if (scope.plugin === plugin) return scope
  return undefined
}

/** @param {TreeNode} node */
const navigate = (node) => {
  const api = OPEN_TYPES[`${node.attributes['open-type'] ?? 'navigate'}`]
  const scope = scopeOf(node)
  const slot = api === undefined || scope === undefined ? undefined : tools.native.slotOf(scope.number, api)
  if (slot === undefined || (node.attributes.target ?? 'self') !== 'self') return
  const answer = (/** @type {string} */ type) => (/** @type {unknown} */ detail) => {
    send(node, type, detail)
  }
  const params = api === 'navigateBack' ? { delta: Number(node.attributes.delta ?? 1) } : { url: `${node.attributes.url ?? ''}` }
  tools.native.invokeWith(slot, params, { success: answer('success'), fail: answer('fail'), complete: answer('complete') })
}

/** The control that a label stands for. @param {TreeNode} label @param {TreeNode} root */
const labelled = (label, root) => {
  const controls = ['checkbox', 'radio', 'switch', 'button', 'input']
  const wanted = label.attributes.for
  return inside(wanted ? root : label)
    .find((node) => controls.includes(node.tag) && (!wanted || node.__wxElement?.id === `${wanted}`))
}

/** What follows a tap by itself, at the node or around it. @param {TreeNode} node @param {TreeNode} root
 * @returns {unknown} */
const afterTap = (node, root) => {
  for (let at = /** @type {TreeNode | null} */ (node); at !== null; at = at.parent) {
    switch (at.tag) {
      case 'checkbox':
      case 'radio':
        return has(at, 'disabled') ? undefined : tick(at)
      case 'switch':
        if (has(at, 'disabled')) return undefined
        set(at, 'checked', !has(at, 'checked'))
        return send(at, 'change', { value: has(at, 'checked') })
      case 'navigator':
        return navigate(at)
      case 'label': {
        const control = labelled(at, root)
        if (control === undefined || control === node) return undefined
        // Only a button is tapped by its label: a box is ticked, and nobody hears of a second tap.
        return control.tag === 'button' ? touch(control, 'tap', {}, root) : afterTap(control, root)
      }
      case 'button': {
        const type = at.attributes['form-type'] ?? at.attributes.formType
        const form = type === 'submit' || type === 'reset' ? formOf(at) : undefined
        if (form !== undefined) return type === 'submit' ? submit(form) : reset(form)
        break
      }
    }
  }
  return undefined
}

/** Something happens to a node. @param {TreeNode} node @param {string} type @param {any} detail @param {TreeNode} root
 * @returns {void} */
export const touch = (node, type, detail, root) => {
  if (type === 'tap') {
    if (node.tag === 'button' && has(node, 'disabled')) return
    send(node, type, detail)
    afterTap(node, root)
    return
  }
  const typed = type === 'input' || type === 'change' || type === 'blur' || type === 'confirm'
  if (typed && typeof detail === 'object' && detail !== null && 'value' in detail) {
    set(node, node.tag === 'switch' ? 'checked' : 'value', detail.value)
  }
  const returned = send(node, type, detail)
  if (type === 'input' && returned !== undefined && typeof returned !== 'boolean') {
    const value = typeof returned === 'object' && returned !== null ? /** @type {any} */ (returned).value : returned
    if (value !== undefined) set(node, 'value', `${value}`)
  }
}
