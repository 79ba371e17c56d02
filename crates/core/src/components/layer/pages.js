// The open pages: from a path to an instance, and the order of what an instance hears.

import { glassEasel, ComponentCaller } from './frameworks.js'
import { add, assign, create, defineProperty, guarded, isArray, part, stringify } from './room.js'
import { PageTree, TreeNode, snapshot } from './tree.js'
import { componentsOf, findPagesWith } from './instance.js'
import { definitionOf, instantiate, prepare, space } from './definitions.js'
import { findNode } from './events.js'
import { touch } from './actions.js'
import { takeChannel } from './navigation.js'
import { pagePath } from './paths.js'
import { pluginOf, routeOfFile } from './plugins.js'

/**
 * @typedef {object} OpenPage
 * @property {number} id
 * @property {string} path
 * @property {any} root the framework's component
 * @property {any} instance what `this` is in its hooks
 * @property {PageTree} tree
 * @property {boolean} isReady
 * @property {any} channel
 * @property {any} tabBar the framework's component of a custom tab bar, if there is one
 */

const { Component, Element, ElementIterator, ElementIteratorType } = glassEasel

/** @type {Record<number, OpenPage>} */
const pages = create(null)
/** @type {number[]} */
let stacked = []

/** @param {number} id @returns {OpenPage} */
const pageAt = (id) => {
  const page = pages[id]
  if (page === undefined) throw new Error(`there is no page ${id}`)
  return page
}

/** @param {any} instance */
const pageOf = (instance) => {
  const tree = instance?._$?.getBackendContext()
  return tree instanceof PageTree ? pages[tree.pageId] : undefined
}

/** Which components have had their `ready`. */
const readied = new WeakMap()

/** @param {OpenPage} page */
const readyComponents = (page) => {
  for (const root of rootsOf(page)) {
    for (const component of componentsOf(root, ElementIterator, ElementIteratorType, Component)) {
      if (readied.has(component)) continue
      readied.set(component, true)
      component.triggerLifetime('ready', [])
    }
  }
}

/** Components that come later are ready when what brought them is through. */
export const watchAttached = () => {
  /** @this {any} */
  const attached = function () {
    const tree = this._$?.getBackendContext()
    const page = tree instanceof PageTree ? pages[tree.pageId] : undefined
    if (page?.isReady) tree.render(() => readyComponents(page))
  }
  space.setOverallBehavior(space.getComponentSpace().define().lifetime('attached', attached).registerBehavior())
}

const TAB_BAR = 'custom-tab-bar'
const TAB_BAR_PATH = `${TAB_BAR}/index`
/** The pages that have a tab bar of the mini-program's own making. @type {Record<string, true>} */
const withTabBar = create(null)

/** @param {any} appJson */
export const useTabBar = ({ tabBar }) => {
  if (tabBar?.custom !== true || !isArray(tabBar.list)) return
  for (const tab of tabBar.list) if (typeof tab?.pagePath === 'string') withTabBar[pagePath(tab.pagePath)] = true
}

/** Puts an instance into the view, beside what is there. @param {PageTree} tree @param {any} root @param {string} tag */
const mount = (tree, root, tag) => {
  const place = new TreeNode(tree, tag)
  tree.root.appendChild(place)
  Element.replaceDocumentElement(root, tree.root, place)
}

/** Each tab page has a custom tab bar for itself. @param {PageTree} tree */
const tabBarIn = (tree) => {
  if (!prepare(TAB_BAR_PATH) || definitionOf(TAB_BAR_PATH) === null) {
    throw new Error(`the custom tab bar "${TAB_BAR_PATH}" is not found`)
  }
  const bar = instantiate(TAB_BAR, TAB_BAR_PATH, tree, {})
  mount(tree, bar, TAB_BAR)
  return bar
}

/** All that stands in a page's view by itself. @param {OpenPage} page */
const rootsOf = ({ root, tabBar }) => tabBar === undefined ? [root] : [root, tabBar]

/** The custom tab bar of the page that an instance belongs to. @param {any} instance */
export const tabBarOf = (instance) => pageOf(instance)?.tabBar?.getMethodCaller() ?? null

/** Runs a hook of the page itself. @param {OpenPage} page @param {string} name @param {unknown[]} given */
const hook = (page, name, given) => {
  const where = `${page.path}.js ${name}`
  const code = guarded(where, () => page.instance[name], undefined, [])
  if (typeof code === 'function') guarded(where, code, page.instance, given)
}

/** @param {number} id @param {string} path @param {object} query @param {number} opener */
export const open = (id, path, query, opener) => {
  if (!prepare(path)) throw new Error(`page "${path}" is not found`)
  if (definitionOf(path) === null) throw new Error(`Page "${path}" has not been registered yet`)
  const tree = new PageTree(id)
  const root = instantiate('page', path, tree, query)
  const instance = root.getMethodCaller()
  if (!(instance instanceof ComponentCaller)) throw new Error(`page "${path}" cannot be opened`)
  /** @type {OpenPage} */
  const page = { id, path, root, instance, tree, isReady: false, channel: opener > 0 ? takeChannel(opener) : undefined,
    tabBar: undefined }
  pages[id] = page
  for (const [name, value] of /** @type {Array<[string, unknown]>} */ ([['route', routeOfFile(path)], ['options', assign({}, query)]])) {
    defineProperty(instance, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: true, configurable: true }))
  }
  mount(tree, root, 'page')
  if (withTabBar[path]) page.tabBar = guarded('app.json tabBar', tabBarIn, undefined, [tree])
  hook(page, 'onLoad', [assign({}, query)])
}

/** @param {number} id */
export const show = (id) => {
  const page = pageAt(id)
  for (const root of rootsOf(page)) root.triggerPageLifetime('show', [])
  hook(page, 'onShow', [])
}

/** @param {number} id */
export const ready = (id) => {
  const page = pageAt(id)
  readyComponents(page)
  page.isReady = true
  hook(page, 'onReady', [])
}

/** @param {number} id */
export const hide = (id) => {
  const page = pageAt(id)
  for (const root of rootsOf(page)) root.triggerPageLifetime('hide', [])
  hook(page, 'onHide', [])
}

/** @param {number} id */
export const unload = (id) => {
  const page = pageAt(id)
  // What was posted on the way out is still heard by the page that leaves.
  page.tree.webView?.leave()
  hook(page, 'onUnload', [])
  for (const root of rootsOf(page)) Element.pretendDetached(root)
  page.tree.destroy()
  delete pages[id]
}

/** @param {number} id */
export const routeDone = (id) => {
  const page = pageAt(id)
  for (const root of rootsOf(page)) root.triggerPageLifetime('routeDone', [])
  hook(page, 'onRouteDone', [])
}

/** @param {number} id @param {string} name @param {any} argument */
export const call = (id, name, argument) => {
  const page = pageAt(id)
  if (name === 'onShareAppMessage') page.tree.webView?.deliver(true)
  if (name === 'onResize') for (const root of rootsOf(page)) root.triggerPageLifetime('resize', [argument?.size])
  hook(page, name, [argument])
}

/** A custom tab bar stands at the end of the page that shows it. @param {number} id */
export const tree = (id) => {
  const [page, ...beside] = pageAt(id).tree.root.children.map(snapshot)
  for (const root of beside) add(page.children, root)
  return stringify(page)
}

/** @param {number} id */
export const data = (id) => stringify(pageAt(id).instance._$.data)

/** @param {number} id @param {string} selector @param {string} type @param {any} detail */
export const event = (id, selector, type, detail) => {
  const page = pageAt(id)
  const node = findNode(page.tree.root, page.root.getShadowRoot(), selector)
  if (node === undefined) return false
  touch(node, type, detail, page.tree.root)
  return true
}

/** Something happens in the page's `<web-view>`. @param {number} id @param {string} type @param {any} detail */
export const webEvent = (id, type, detail) => pageAt(id).tree.webView?.hear(type, detail)

/** @param {number} id @param {boolean} on */
export const watch = (id, on) => pageAt(id).tree.watch(on)

/** @param {number[]} ids */
export const stack = (ids) => {
  stacked = part(ids)
}

/** The page on top: the one whose code asks, as a rule. */
export const topId = () => stacked.length > 0 ? stacked[stacked.length - 1] : 0

/** The page on top, if those of the plugin or of the mini-program are meant. @param {string | undefined} plugin @returns {any} */
export const topInstance = (plugin) => {
  const top = pages[topId()]
  return top !== undefined && (plugin === undefined || pluginOf(top.path) === plugin) ? top.instance : undefined
}

/** The page that an instance belongs to, or the one on top, if it is one for the plugin or the mini-program; else 0.
 * @param {string | undefined} plugin @param {any} instance */
export const idMeant = (plugin, instance) => {
  const page = instance === undefined || instance === null ? pages[topId()] : pageOf(instance)
  return page !== undefined && (plugin === undefined || pluginOf(page.path) === plugin) ? page.id : 0
}

findPagesWith(pageOf, tabBarOf)

/** A plugin sees its own pages. @param {string | undefined} plugin */
export const currentPagesOf = (plugin) => function getCurrentPages() {
  /** @type {any[]} */
  const list = []
  for (const id of stacked) {
    const page = pages[id]
    if (page !== undefined && (plugin === undefined || pluginOf(page.path) === plugin)) add(list, page.instance)
  }
  return list
}

