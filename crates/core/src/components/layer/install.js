// The component layer of mini-programs: what a mini-program with pages finds, and what Rust holds of it. Runs once per
// engine, before the code of the package.

import { furnish, guarded, hide, isArray, native, soon, text, tools } from './room.js'
import { glassEasel } from './frameworks.js'
import * as pages from './pages.js'
import { defineMissing, definePlatformBehavior, definersOf, prepare, runFile, useEverywhere } from './definitions.js'
import { publishNavigation } from './navigation.js'
import { publishSending } from './sending.js'
import { IntersectionObserver, SelectorQuery, createAnimation } from './query.js'
import { pagePath } from './paths.js'
import { describeToScripts } from './descriptor.js'

/** Every page of the package, with the file that runs before those of its subpackage. @param {any} appJson */
const pagesOf = (appJson) => {
  /** @type {Array<{path: string, entry: string | undefined}>} */
  const list = []
  const take = (/** @type {unknown} */ names, /** @type {string} */ root, /** @type {string | undefined} */ entry) => {
    for (const name of isArray(names) ? names : []) {
      if (typeof name === 'string') list[list.length] = { path: pagePath(`${root}/${name}`), entry }
    }
  }
  take(appJson.pages, '', undefined)
  const subpackages = appJson.subpackages ?? appJson.subPackages
  for (const part of isArray(subpackages) ? subpackages : []) {
    if (typeof part?.root !== 'string') continue
    take(part.pages, part.root, typeof part.entry === 'string' ? pagePath(`${part.root}/${part.entry}`) : undefined)
  }
  return list
}

/** @param {any} related @param {any} element */
const fileOf = (related, element) => {
  const component = typeof related === 'string' ? related : related?.is ?? element?.ownerShadowRoot?.getHostNode()?.is
  return component === undefined || component === '' ? 'a component' : `${component}.js`
}

/** What the mini-program, or one of its plugins, finds. @param {import('../../engine/prelude.js').Scope} scope */
const furnishScope = (scope) => {
  const { plugin, global } = scope
  const { Page, Component, Behavior } = definersOf(plugin)
  hide(global, 'Page', Page)
  hide(global, 'Component', Component)
  hide(global, 'Behavior', Behavior)
  hide(global, 'getCurrentPages', pages.currentPagesOf(plugin))
  scope.publish('nextTick', (/** @type {any} */ task) => {
    if (typeof task === 'function') soon(() => guarded('nextTick', task, undefined, []))
  })
  scope.publish('createSelectorQuery', () => new SelectorQuery(pages.topInstance(plugin)))
  scope.publish('createIntersectionObserver', () => new IntersectionObserver())
  scope.publish('createMediaQueryObserver', () => new IntersectionObserver())
  scope.publish('createAnimation', createAnimation)
  publishNavigation(scope, pages.topId)
  publishSending(scope, pages.idMeant)
}

/** @param {any} given @param {import('./room.js').Native} natives @param {any} appJson */
export const install = (given, natives, appJson) => {
  furnish(given, natives)
  glassEasel.addGlobalErrorListener((/** @type {any} */ error, /** @type {any} */ method, /** @type {any} */ related, /** @type {any} */ element) => {
    native.error(error, `${fileOf(related, element)} ${typeof method === 'string' ? method : ''}`)
    return false
  })
  glassEasel.addGlobalWarningListener((/** @type {any} */ message, /** @type {any} */ related, /** @type {any} */ element) => {
    native.log('warn', `${fileOf(related, element)}: ${message}`)
    return false
  })
  const any = { type: null, value: undefined }
  definePlatformBehavior('wx://form-field', { properties: { name: String, value: any } })
  for (const name of ['wx://form-field-group', 'wx://form-field-button', 'wx://component-export', 'wx://proxy-scroll-view']) {
    definePlatformBehavior(name, {})
  }
  pages.watchAttached()
  describeToScripts()
  defineMissing()
  useEverywhere(appJson)
  pages.useTabBar(appJson)

  for (const scope of tools.scopes) furnishScope(scope)

  const entries = pagesOf(appJson)
  /** @type {string[]} */
  const entered = []
  const enter = (/** @type {string | undefined} */ entry) => {
    if (entry === undefined || entered.includes(entry)) return
    entered[entered.length] = entry
    runFile(text.ends(entry, '.js') ? entry : `${entry}.js`)
  }
  const { show, ready, hide: hidePage, unload, routeDone, call, tree, data, event, webEvent, stack, watch } = pages
  return {
    start() {
      if (appJson.lazyCodeLoading === 'requiredComponents') return
      for (const { path, entry } of entries) {
        enter(entry)
        if (!prepare(path)) native.error(new Error(`page "${path}" is not found`), 'app.json')
      }
    },
    /** @param {number} id @param {string} path @param {object} query @param {number} opener */
    open(id, path, query, opener) {
      const own = pagePath(path)
      enter(entries.find((page) => page.path === own)?.entry)
      pages.open(id, own, query, opener)
    },
    show, ready, hide: hidePage, unload, routeDone, call, tree, data, event, webEvent, stack, watch
  }
}
