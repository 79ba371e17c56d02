// Page(), Component() and Behavior(): what a file of the package defines, with its template and its `.json` beside it.

import { glassEasel, MiniProgramEnv } from './frameworks.js'
import { add, assign, create, isArray, keys, native, owns, parse } from './room.js'
import { copyOf } from './copy.js'
import { resolveComponent } from './paths.js'
import { pluginOf } from './plugins.js'

const env = new MiniProgramEnv()
/** Every page and component of the mini-program. */
export const space = env.createCodeSpace('', true)
// A property may have any name, also one that a node of the framework has for itself: none is put there.
space.getComponentSpace().updateComponentOptions({ useMethodCallerListeners: true, writeIdToDOM: true,
  writeFieldsToNode: false })

/** What was defined with Page(): its hooks are methods of the options. @type {Record<string, true>} */
const pages = create(null)
/** Files that have been prepared. @type {Record<string, true>} */
const prepared = create(null)
/** @type {Record<string, string>} */
let everywhere = create(null)
/** The file that runs: what its Page() or Component() is called. @type {string} */
let current = ''

const nothing = { C() {}, B: create(null) }

/** Whether the path was defined with Page(). @param {string} path */
export const isPage = (path) => pages[path] === true

/** A file as JSON, or an empty object. @param {string} path @returns {any} */
const configOf = (path) => {
  const source = native.text(`${path}.json`)
  if (source === undefined) return {}
  try {
    const config = parse(source)
    if (typeof config === 'object' && config !== null && !isArray(config)) return config
    throw new Error('expected an object')
  } catch (error) {
    native.error(error, `${path}.json`)
    return {}
  }
}

/** The template is compiled when the first instance is made. @param {string} path */
const templateOf = (path) => {
  /** @type {any} */
  let made
  const make = () => {
    if (made !== undefined) return made
    try {
      made = native.template(path)
    } catch (error) {
      native.error(error, `${path}.wxml`)
      made = { groupList: create(null), content: () => () => nothing }
    }
    return made
  }
  return {
    fallbackListenerOnNativeNode: true,
    get groupList() { return make().groupList },
    get content() { return make().content }
  }
}

/** Every name in `usingComponents` with the path it stands for. @param {any} config @param {string} path */
const usingOf = (config, path) => {
  /** @type {Record<string, string>} */
  const using = create(null)
  const common = pluginOf(path) === undefined ? everywhere : undefined
  for (const [own, from] of /** @type {Array<[any, string]>} */ ([[common, 'app'], [config.usingComponents, path]])) {
    if (typeof own !== 'object' || own === null) continue
    for (const name of keys(own)) {
      try {
        const target = typeof own[name] === 'string' ? resolveComponent(own[name], from) : undefined
        if (target === undefined) throw new Error(`usingComponents: "${name}": ${own[name]} is not found`)
        using[name] = target
      } catch (error) {
        native.error(error, `${from}.json`)
      }
    }
  }
  return using
}

/** The components that every page and component may use. @param {any} appJson */
export const useEverywhere = (appJson) => {
  if (typeof appJson.usingComponents === 'object' && appJson.usingComponents !== null) everywhere = appJson.usingComponents
}

/** Loads the components that a page or component uses, then its own file. @param {string} path @returns {boolean} */
export const prepare = (path) => {
  if (prepared[path]) return true
  if (!native.exists(`${path}.js`)) return false
  prepared[path] = true
  const config = configOf(path)
  const using = usingOf(config, path)
  /** @type {Record<string, string>} */
  const rooted = create(null)
  for (const name of keys(using)) rooted[name] = `/${using[name]}`
  space.addComponentStaticConfig(path, { ...config, usingComponents: rooted, componentPlaceholder: undefined,
    componentGenerics: genericsOf(config.componentGenerics, path) })
  space.addCompiledTemplate(path, templateOf(path))
  for (const name of keys(using)) prepare(using[name])
  run(path)
  return true
}

/** @param {any} generics @param {string} path */
const genericsOf = (generics, path) => {
  if (typeof generics !== 'object' || generics === null) return undefined
  /** @type {Record<string, any>} */
  const resolved = create(null)
  for (const name of keys(generics)) {
    const given = generics[name]?.default
    const target = typeof given === 'string' ? resolveComponent(given, path) : undefined
    if (target !== undefined) prepare(target)
    resolved[name] = target === undefined ? true : { default: `/${target}` }
  }
  return resolved
}

/** Runs a page's or component's file. @param {string} path */
const run = (path) => {
  const scope = /** @type {any} */ (globalThis)
  const outer = current
  current = path
  scope.__wxRoute = path
  scope.__wxRouteBegin = true
  scope.__wxAppCurrentFile__ = `${path}.js`
  try {
    native.load(`${path}.js`)
  } catch (error) {
    native.error(error, `${path}.js`)
  }
  current = outer
  scope.__wxRoute = outer
}

/** A file that only has to run. @param {string} path */
export const runFile = (path) => {
  try {
    native.load(path)
  } catch (error) {
    native.error(error, path)
  }
}

/** What is being defined: packages that were wrapped by tools say so themselves. A plugin defines what is its own, and
 * nobody else does. @param {string | undefined} plugin @param {string} what @returns {string | undefined} */
const ownPath = (plugin, what) => {
  const route = /** @type {any} */ (globalThis).__wxRoute
  const path = typeof route === 'string' && route !== '' ? route : current
  if (pluginOf(path) === plugin) return path
  native.error(new Error(`${what}() is called outside of the files of ${plugin ?? 'the mini-program'}`), path)
  return undefined
}

/** Behaviors of the platform, by name. @type {Record<string, any>} */
const platform = create(null)

/** @param {string} name @param {object} definition */
export const definePlatformBehavior = (name, definition) => {
  platform[name] = space.behavior().definition(definition).register()
}

/** Whether a component has a behavior of the platform. @param {any} component @param {string} name */
export const hasPlatformBehavior = (component, name) => component.hasBehavior(platform[name]._$)

/** The same definition with what the framework cannot read put right. @param {any} given @param {string} path */
const readable = (given, path) => {
  const definition = assign({}, given)
  if (definition.behaviors !== undefined) {
    /** @type {any[]} */
    const behaviors = []
    for (const behavior of isArray(definition.behaviors) ? definition.behaviors : []) {
      const known = typeof behavior === 'string' ? platform[behavior] : behavior
      if (known?._$ !== undefined) add(behaviors, known)
      else native.error(new Error(`behaviors: ${String(behavior)} is not a behavior`), `${path}.js`)
    }
    definition.behaviors = behaviors
  }
  return definition
}

/** Style options stand in the file or beside it; the framework looks beside it. @param {any} options @param {string} path */
const settleOptions = (options, path) => {
  if (typeof options !== 'object' || options === null) return
  const config = space.getComponentStaticConfig(path)
  if (config === undefined) return
  if (config.styleIsolation === undefined) config.styleIsolation = options.styleIsolation
  if (config.addGlobalClass === undefined) config.addGlobalClass = options.addGlobalClass
}

/** @param {any} given @param {string} path @param {string} what */
const refused = (given, path, what) => {
  if (typeof given === 'object' && given !== null) return false
  native.error(new Error(`${what}() takes an object`), `${path}.js`)
  return true
}

/** `Page`, `Component` and `Behavior` of the mini-program, or of a plugin. @param {string | undefined} plugin */
export const definersOf = (plugin) => ({
  /** @param {any} given */
  Page(given) {
    const path = ownPath(plugin, 'Page')
    if (path === undefined || refused(given, path, 'Page')) return
    /** @type {Record<string, unknown>} */
    const fields = create(null)
    /** @type {Record<string, Function>} */
    const methods = {}
    const { data, behaviors, options, ...rest } = given
    for (const name of keys(rest)) {
      if (typeof rest[name] === 'function') methods[name] = rest[name]
      else fields[name] = rest[name]
    }
    pages[path] = true
    settleOptions(options, path)
    const builder = space.component(path).definition(readable({ data, behaviors, options, methods }, path))
    // Each instance of a page has members of its own.
    builder.init(function (/** @type {any} */ { self }) {
      assign(self, copyOf(fields))
    })
    builder.register()
  },

  /** @param {any} given */
  Component(given) {
    const path = ownPath(plugin, 'Component')
    if (path === undefined || refused(given, path, 'Component')) return undefined
    settleOptions(given.options, path)
    return space.component(path).definition(readable(given, path)).register()
  },

  /** @param {any} given */
  Behavior(given) {
    if (refused(given, current, 'Behavior')) return undefined
    return space.behavior().definition(readable(given, current)).register()
  }
})

/** Makes the empty component that stands for one that cannot be found. */
export const defineMissing = () => {
  space.addCompiledTemplate('', { groupList: create(null), content: () => () => nothing })
  space.component('').definition({}).register()
}

/** The definition of a page or component, once its file has run. @param {string} path @returns {any} */
export const definitionOf = (path) => space.getComponentSpace().getComponentByUrlWithoutDefault(path, '')

/** Starts an instance that stands in no template. @param {string} tag @param {string} path @param {any} tree
 * @param {any} query */
export const instantiate = (tag, path, tree, query) => {
  const definition = definitionOf(path)
  return glassEasel.Component.createWithGenericsAndContext(tag, definition, null, tree, (/** @type {any} */ page) => {
    let given = false
    for (const name of keys(query)) {
      if (!isPage(path) && owns(query, name) && glassEasel.Component.getDataProxy(page).replaceProperty(name, query[name])) {
        given = true
      }
    }
    if (given) page.applyDataUpdates()
  })
}
