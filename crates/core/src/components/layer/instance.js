// The members that every page and component instance has beside those of the framework.

import { ComponentCaller } from './frameworks.js'
import { add, guarded, hide, keys, native, owns, soon, stringify, text } from './room.js'
import { measuredCopy } from './copy.js'
import { emptyChannel } from './channel.js'
import { IntersectionObserver, SelectorQuery } from './query.js'

/** What one call may hold before it is worth a warning. */
const MOST_DATA = 1048576

/** @type {(instance: any) => import('./pages.js').OpenPage | undefined} */
let pageOf = () => undefined

/** @type {(instance: any) => any} */
let tabBarOf = () => null

/** @param {(instance: any) => any} find @param {(instance: any) => any} findTabBar */
export const findPagesWith = (find, findTabBar) => {
  pageOf = find
  tabBarOf = findTabBar
}

/** @param {any} data @param {string} file */
const withoutPrototypes = (data, file) => {
  for (const name of keys(data)) {
    if (text.find(name, '__proto__') < 0) continue
    delete data[name]
    native.log('warn', `${file}: setData: "${name}" leads to a prototype and is left out`)
  }
  return data
}

/** Copies first: what the mini-program keeps and changes later is its own. What the component has already stays the same
 * object, or an observer that sets its own property would go round for ever.
 * @param {any} given @param {any} own @param {string} file */
const taken = (given, own, file) => {
  const { copy, size } = measuredCopy(given)
  for (const name of keys(copy)) {
    if (typeof given[name] === 'object' && owns(own, name) && given[name] === own[name]) copy[name] = own[name]
  }
  if (size > MOST_DATA) {
    const length = stringify(copy)?.length ?? 0
    if (length > MOST_DATA) native.log('warn', `${file}: data length ${length} exceeds ${MOST_DATA}`)
  }
  return withoutPrototypes(copy, file)
}

/** @type {Record<string, Function>} */
const members = {
  /** @this {any} @param {any} data @param {any} callback */
  setData(data, callback) {
    const component = this._$
    const tree = component.getBackendContext()
    // A page that is gone has nothing to set and no view that could be through with it.
    if (tree === null || tree.closed) return
    if (typeof data !== 'object' || data === null) {
      native.error(new Error('setData takes an object'), `${component.is}.js`)
      return
    }
    component.setData(taken(data, component.data, `${component.is}.js`))
    if (typeof callback !== 'function') return
    soon(() => {
      if (!tree.closed) guarded(`${component.is}.js setData callback`, callback, this, [])
    })
  },

  /** @this {any} @param {any} name @param {any} detail @param {any} options */
  triggerEvent(name, detail, options) {
    this._$.triggerEvent(String(name), detail === undefined ? {} : detail, options ?? {})
  },

  /** @this {any} */
  createSelectorQuery() {
    return new SelectorQuery(this)
  },

  createIntersectionObserver() {
    return new IntersectionObserver()
  },

  createMediaQueryObserver() {
    return new IntersectionObserver()
  },

  /** @this {any} */
  getPageId() {
    const page = pageOf(this)
    return page === undefined ? '' : `pageId:${page.id}`
  },

  /** @this {any} */
  getOpenerEventChannel() {
    return pageOf(this)?.channel ?? emptyChannel()
  },

  /** @this {any} */
  getTabBar() {
    return tabBarOf(this)
  },

  getAppBar() {
    return null
  },

  /** Nothing moves without a view; what waits for the end goes on.
   * @this {any} @param {unknown} _selector @param {unknown} _frames @param {unknown} _duration @param {any} callback */
  animate(_selector, _frames, _duration, callback) {
    if (typeof callback === 'function') soon(() => guarded(`${this._$.is} animate callback`, callback, this, []))
  },

  /** @this {any} @param {unknown} _selector @param {any} options @param {any} callback */
  clearAnimation(_selector, options, callback) {
    const last = typeof options === 'function' ? options : callback
    if (typeof last === 'function') soon(() => guarded(`${this._$.is} clearAnimation callback`, last, this, []))
  },

  applyAnimatedStyle() {},

  clearAnimatedStyle() {},

  setUpdatePerformanceListener() {}
}

for (const name of keys(members)) hide(ComponentCaller.prototype, name, members[name])
// Which of the two renderers WeChat has: a library takes the parts of its templates that are for this one.
hide(ComponentCaller.prototype, 'renderer', 'webview')

/** Every component of a page, the innermost first. @param {any} root @param {any} Iterator @param {any} Type @param {any} Kind */
export const componentsOf = (root, Iterator, Type, Kind) => {
  /** @type {any[]} */
  const list = []
  new Iterator(root, Type.ComposedDescendantsRootLast, Kind).forEach((/** @type {any} */ component) => {
    add(list, component)
  })
  return list
}
