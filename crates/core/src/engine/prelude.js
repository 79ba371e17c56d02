// Makes `ft` and `wx` and the ways to declare custom APIs on them: one scope of them for the mini-program, and one for
// each plugin that it includes. Runs once per engine, before any foreign code, and is the only code that ever sees
// `native`. What it needs of the language it takes here, so that nothing a mini-program does to its globals later
// changes it.

/**
 * What the engine answers. Numbers are scopes, 0 that of the mini-program, and slots of declared APIs: who calls a slot
 * calls as the scope in which it was declared.
 * @typedef {object} Native
 * @property {(scope: number, name: string, sync: boolean, overwrite: boolean) => number} declare
 *   Calls what the host registered, with `overwrite` else the built-in. -1: bad name, -2: too many.
 * @property {(ft: object, wx: object, members: object) => void} placeBuiltIns
 *   puts a function for each on both; it calls the member of `members` that has its place in the list for a name, which
 *   `members.make` makes of that place when there is none yet
 * @property {(index: number) => {name: string, sync: boolean, family: number}} builtIn
 *   what stands at a place of the list; -1: its family has no glue
 * @property {(family: number) => (native: Native, tools: Tools, scope: number) => {[name: string]: (slot: number) => Function}} loadGlue
 * @property {(scope: number, name: string) => number | undefined} slotOf a built-in
 * @property {(slot: number, options: unknown) => Promise<object> | undefined} invoke
 * @property {(slot: number, options: unknown) => unknown} invokeSync
 * @property {(slot: number, params: unknown, options: unknown, unpack?: Function) => Promise<object> | undefined} invokeWith
 *   `params` travels, `options` has the callbacks, `unpack` gets the result of a success before they do
 * @property {(slot: number, params: unknown, options: unknown, unpack?: Function) => (() => void) | undefined} invokeTask
 *   the same, and gives what gives the call up while it is in flight
 * @property {(scope: number, name: unknown, data: unknown, options: object, timeout?: number) => Promise<object> | undefined} invokeNamed
 * @property {(scope: number, name: unknown, data: unknown) => unknown} invokeNamedSync
 * @property {(slot: number, options: unknown, text: string) => unknown} refuse
 * @property {(on: boolean) => boolean} reading
 *   Says that arguments are being read here: calls that their getters make fail meanwhile. Gives what was said before.
 * @property {(name: string) => boolean} hasCustom
 * @property {() => Array<string | boolean>} registered
 * @property {(text: string) => void} warn
 * @property {{[name: string]: Function}} functions the members of `ft` and `wx` that are native functions themselves
 */

/**
 * What the glue of built-ins may use of this file.
 * @typedef {object} Tools
 * @property {(read: (given: any) => unknown, unpack?: Function) => (slot: number) => Function} asynchronous
 *   the function that takes options with callbacks
 * @property {(read: (...given: any[]) => unknown, give: (result: any) => unknown) => (slot: number) => Function} synchronous
 *   the function that takes arguments in their places, gives what `give` makes of the result, and throws failures
 * @property {(read: () => any) => any} careful
 *   reads arguments: calls that their getters make fail meanwhile, and what they throw becomes a text
 * @property {(object: object, name: string, value: unknown) => void} define
 * @property {(object: object, name: string, value: unknown) => void} hide as a member that is not enumerated
 * @property {(given: object) => boolean} isList
 * @property {(object: object, name: string) => boolean} owns
 * @property {(value: unknown) => string} typeName
 * @property {Language} language what glue needs of the language: when it runs, that may no longer be there
 */

/**
 * @typedef {object} Language
 * @property {typeof Reflect.apply} apply
 * @property {typeof Object.keys} keys
 * @property {typeof Object.setPrototypeOf} setPrototypeOf
 * @property {typeof ArrayBuffer.isView} isView
 * @property {() => number} byteLength of an ArrayBuffer
 * @property {View} dataView
 * @property {View} typedArray
 * @property {typeof Uint8Array} Bytes
 * @property {Function} setBytes
 * @property {() => number} getTime
 * @property {typeof Date} OwnDate
 * @property {typeof Number.isFinite} isFinite
 * @property {typeof JSON.parse} parse
 * @property {typeof Error} OwnError
 */

/**
 * What tells the bytes under a view.
 * @typedef {{buffer: () => ArrayBuffer, offset: () => number, length: () => number}} View
 */

/**
 * What the component layer may use of this file, and nobody else.
 * @typedef {Tools & {native: Native, scopes: Scope[]}} LayerTools
 */

/**
 * The `ft` and `wx` of the mini-program or of a plugin, and who calls with them.
 * @typedef {object} Scope
 * @property {number} number
 * @property {string | undefined} plugin whose they are; nothing for the mini-program
 * @property {any} global what `globalThis` means in its files: for a plugin an object in front of the global one
 * @property {Record<string, unknown>} ft
 * @property {(name: string, value: unknown) => void} publish puts a member on both objects
 * @property {Record<string, true>} guests what plugins put there
 */

/**
 * @typedef {object} ExtApi
 * @property {string} name
 * @property {boolean} [sync]
 * @property {boolean} [overwrite]
 * @property {object} [params]
 * @property {string | string[]} [pluginId] in the mini-program: plugins that get it as well
 * @property {'default' | 'self' | 'all'} [scope] in a plugin: who gets it
 */

/**
 * @param {Native} native
 * @param {{entries: ExtApi | ExtApi[], overwrite: boolean, mode: string, exposeRegistered: boolean} | undefined} declared
 * @param {string[]} plugins the ids of the plugins that the mini-program includes
 * @returns {{loadExtApi: (list: unknown) => void, tools: LayerTools, environments: object[]}}
 *   `environments`: what `globalThis` means in the files of each plugin, with all that they find
 */
export function install(native, declared, plugins) {
  'use strict'
  const { create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, keys, setPrototypeOf } = Object
  const { isArray } = Array
  const { apply } = Reflect
  const { toString, hasOwnProperty } = Object.prototype
  const slice = String.prototype.slice
  const OwnError = Error
  const global = globalThis

  /** @param {object} object @param {string} name @param {unknown} value */
  const hide = (object, name, value) => {
    defineProperty(object, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: false, configurable: true }))
  }

  /** @param {object} object @param {string} name */
  const owns = (object, name) => apply(hasOwnProperty, object, [name])

  /** @param {object} object @param {string} name @param {unknown} value */
  const define = (object, name, value) => {
    defineProperty(object, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: true, configurable: true }))
  }

  /** The words that FinClip's own texts use for types. @param {unknown} value */
  const typeName = (value) => apply(slice, apply(toString, value, []), [8, -1])

  /** The types its templates tell apart; all others count as equal. @type {Record<string, true>} */
  const told = /** @type {any} */ ({
    __proto__: null, String: true, Number: true, Boolean: true, Null: true, Undefined: true, Symbol: true, BigInt: true,
    Object: true, Function: true, Array: true, Date: true, RegExp: true, Error: true
  })

  /**
   * What in `value` does not fit `template`, as FinClip says it; empty when all fits.
   * @param {any} template @param {any} value @param {string} path @param {number} depth @returns {string}
   */
  const mismatch = (template, value, path, depth) => {
    const wanted = typeName(template)
    const got = typeName(value)
    if (wanted !== got && (told[wanted] || told[got])) return `${path} should be ${wanted} instead of ${got};`
    if (depth > 64) return ''
    let text = ''
    if (wanted === 'Object') {
      const names = keys(template)
      for (let at = 0; at < names.length; at++) {
        text += mismatch(template[names[at]], value[names[at]], `${path}.${names[at]}`, depth + 1)
      }
    } else if (wanted === 'Array') {
      if (value.length < template.length) return `${path} should have at least ${template.length} item;`
      for (let at = 0; at < template.length; at++) {
        text += mismatch(template[at], value[at], `${path}[${at}]`, depth + 1)
      }
    }
    return text
  }

  /** @param {object} given */
  const isList = (given) => {
    try {
      return isArray(given)
    } catch {
      // A revoked Proxy: reading it as it is fails with the code for that.
      return false
    }
  }

  /** An array among params becomes an object with the keys "0", "1", ... @param {object} given */
  const asObject = (given) => {
    const outer = native.reading(true)
    try {
      return { ...given }
    } catch {
      // A getter threw: reading it as it is fails with the code for that.
      return given
    } finally {
      native.reading(outer)
    }
  }

  /**
   * What the function on `ft` does for an API without a template.
   * @param {number} slot @param {(slot: number, given: object) => unknown} call
   */
  const makeUnchecked = (slot, call) => function (/** @type {unknown} */ options) {
    const given = options === undefined || options === null ? { __proto__: null } : options
    if (typeof given !== 'object') {
      return native.refuse(slot, undefined, `parameter error: parameter should be Object instead of ${typeName(given)};`)
    }
    return call(slot, isList(given) ? asObject(given) : given)
  }

  /**
   * The function that stands on `ft` for one API.
   * @param {string} name @param {number} slot @param {boolean} sync @param {unknown} template @param {string} mode
   */
  const makeApi = (name, slot, sync, template, mode) => {
    const unchecked = makeUnchecked(slot, sync ? native.invokeSync : native.invoke)
    if (typeof template !== 'object' || template === null || mode === 'off') return unchecked
    if (!isArray(template) && keys(template).length === 0) return unchecked
    return function (/** @type {unknown} */ options) {
      const given = options === undefined || options === null ? { __proto__: null } : options
      if (typeof given !== 'object') return unchecked(given)
      let text = ''
      const outer = native.reading(true)
      try {
        text = mismatch(template, given, 'parameter', 0)
      } catch {
        // A getter threw. The call itself will read it again, and fails with the code for that.
      } finally {
        native.reading(outer)
      }
      if (text !== '') {
        if (mode === 'strict') return native.refuse(slot, given, `parameter error: ${text}`)
        native.warn(`${name}: ${text}`)
      }
      return unchecked(given)
    }
  }

  /** Names of the bridge itself: nothing may take their place. @type {Record<string, true>} */
  const reserved = create(null)
  const members = keys(native.functions)
  for (let at = 0; at < members.length; at++) reserved[members[at]] = true
  reserved.loadExtApi = reserved.invokeNativePlugin = true

  /** The mini-program's first. @type {Scope[]} */
  const scopes = []

  /** Those that a plugin named by the mini-program has. @param {unknown} id @param {string} name */
  const scopeOf = (id, name) => {
    for (let at = 1; at < scopes.length; at++) if (scopes[at].plugin === id) return scopes[at]
    native.warn(`extApi: ${name}: there is no plugin ${typeof id === 'string' ? `"${id}"` : `of a ${typeName(id)}`}`)
    return undefined
  }

  /** Who gets an API that is declared in a scope. @param {Scope} by @param {string} name @param {any} entry */
  const targets = (by, name, entry) => {
    const list = [by]
    const give = (/** @type {Scope | undefined} */ scope) => {
      if (scope !== undefined && scope !== by) define(list, `${list.length}`, scope)
    }
    if (by.plugin === undefined) {
      const ids = entry.pluginId
      if (isArray(ids)) for (let at = 0; at < ids.length; at++) give(scopeOf(ids[at], name))
      else if (ids !== undefined && ids !== null) give(scopeOf(ids, name))
      return list
    }
    const word = entry.scope
    if (word === 'self') return list
    if (word === 'all') for (let at = 0; at < scopes.length; at++) give(scopes[at])
    else if (word === undefined || word === null || word === 'default') give(scopes[0])
    else {
      native.warn(`extApi: ${name}: scope should be 'default', 'self' or 'all'`)
      return []
    }
    return list
  }

  /**
   * Whether an API of that name may be declared in `to`. What a plugin declares takes nobody else's place.
   * @param {Scope} to @param {Scope} by @param {string} name @param {boolean} overwrite
   */
  const free = (to, by, name, overwrite) => {
    if (!owns(to.ft, name) || (to === by && to.guests[name])) return true
    if (!overwrite || (by.plugin !== undefined && to !== by)) {
      native.warn(`extApi: ${name} exists already${overwrite ? '' : ' and overwrite is not set'}`)
      return false
    }
    if (!reserved[name] && native.hasCustom(name)) return true
    native.warn(`extApi: ${name} is not registered by the host and cannot be overwritten`)
    return false
  }

  /**
   * Declares one entry of `extApi`. An entry without a name is skipped, as in the dialects served.
   * @param {Scope} by @param {any} entry @param {string} mode @param {boolean} overwriteAll
   */
  const declareOne = (by, entry, mode, overwriteAll) => {
    if (typeof entry !== 'object' || entry === null) return native.warn('extApi: an entry is not an object')
    const name = entry.name
    if (typeof name !== 'string' || name === '') return undefined
    const overwrite = overwriteAll || entry.overwrite === true
    const sync = entry.sync === true
    const template = entry.params
    const list = targets(by, name, entry)
    for (let at = 0; at < list.length; at++) {
      const to = list[at]
      if (!free(to, by, name, overwrite)) continue
      const foreign = by.plugin !== undefined && to !== by
      const slot = native.declare(to.number, name, sync, overwrite && !foreign)
      if (slot === -1) return native.warn('extApi: a name is not allowed')
      if (slot === -2) return native.warn('extApi: too many entries')
      if (foreign) to.guests[name] = true
      else delete to.guests[name]
      to.publish(name, makeApi(name, slot, sync, template, mode))
    }
    return undefined
  }

  /** @param {Scope} by @param {unknown} list @param {string} mode @param {boolean} overwriteAll */
  const declareAll = (by, list, mode, overwriteAll) => {
    if (isArray(list)) {
      for (let at = 0; at < list.length; at++) declareOne(by, list[at], mode, overwriteAll)
    } else if (typeof list === 'object' && list !== null) {
      declareOne(by, list, mode, overwriteAll)
    }
  }

  /** @param {number} scope */
  const invokeNativePluginOf = (scope) => function invokeNativePlugin(/** @type {any} */ options) {
    const given = typeof options === 'object' && options !== null ? options : { __proto__: null }
    let name, data, sync, timeout
    const outer = native.reading(true)
    try {
      name = given.api_name
      data = given.data
      sync = given.sync
      timeout = given.timeout
    } catch {
      // Without a name the call fails, and says so in the way its options still allow.
      name = undefined
    } finally {
      native.reading(outer)
    }
    if (sync === true) return native.invokeNamedSync(scope, name, data)
    return native.invokeNamed(scope, name, data, given, typeof timeout === 'number' ? timeout : 0)
  }

  // What the glue of built-ins is made of: `read` gives what travels, or what is wrong with the arguments as text.

  /**
   * Reads arguments. Calls that their getters make fail meanwhile.
   * @param {() => unknown} read
   */
  const careful = (read) => {
    const outer = native.reading(true)
    try {
      return read()
    } catch {
      return 'parameter cannot be read'
    } finally {
      native.reading(outer)
    }
  }

  /** @param {(given: any) => unknown} read @param {Function} [unpack] @returns {(slot: number) => Function} */
  const asynchronous = (read, unpack) => (slot) => function (/** @type {unknown} */ options) {
    const given = options === undefined || options === null ? { __proto__: null } : options
    if (typeof given !== 'object') {
      return native.refuse(slot, undefined, `parameter error: parameter should be Object instead of ${typeName(given)};`)
    }
    const params = careful(() => read(given))
    if (typeof params === 'string') return native.refuse(slot, given, `parameter error: ${params};`)
    return native.invokeWith(slot, params, given, unpack)
  }

  /** @param {(...given: any[]) => unknown} read @param {(result: any) => unknown} give @returns {(slot: number) => Function} */
  const synchronous = (read, give) => (slot) => function (/** @type {unknown[]} */ ...given) {
    const params = careful(() => apply(read, undefined, given))
    const result = /** @type {any} */ (typeof params === 'string'
      ? native.refuse(slot, undefined, `parameter error: ${params};`)
      : native.invokeSync(slot, params))
    if (!owns(result, 'errCode')) return give(result)
    const error = new OwnError(result.errMsg)
    define(error, 'errMsg', result.errMsg)
    define(error, 'errCode', result.errCode)
    throw error
  }

  /** @param {object} prototype @param {string} name */
  const getter = (prototype, name) => /** @type {() => any} */ (getOwnPropertyDescriptor(prototype, name)?.get)
  const typedArray = getPrototypeOf(Uint8Array.prototype)
  /** @param {object} prototype */
  const view = (prototype) => ({
    __proto__: null,
    buffer: getter(prototype, 'buffer'),
    offset: getter(prototype, 'byteOffset'),
    length: getter(prototype, 'byteLength'),
  })
  const language = {
    __proto__: null, apply, keys, setPrototypeOf,
    isView: ArrayBuffer.isView, byteLength: getter(ArrayBuffer.prototype, 'byteLength'),
    dataView: view(DataView.prototype), typedArray: view(typedArray),
    Bytes: Uint8Array, setBytes: typedArray.set, getTime: Date.prototype.getTime, OwnDate: Date,
    isFinite: Number.isFinite, parse: JSON.parse, OwnError,
  }

  const tools = { asynchronous, careful, define, hide, isList, language, owns, synchronous, typeName }

  /**
   * What the built-ins of a scope do, by their places in the list, and how that is made. Foreign code has run by then:
   * all of it, and the glue, does with what is captured here.
   * @param {number} scope
   */
  const builtIns = (scope) => {
    /** @type {Record<number, {[name: string]: (slot: number) => Function}>} */
    const glued = create(null)
    /** @param {number} family */
    const glueOf = (family) => glued[family] ??= native.loadGlue(family)(native, tools, scope)
    const made = create(null)
    made.make = (/** @type {number} */ index) => {
      const { name, sync, family } = native.builtIn(index)
      const slot = /** @type {number} */ (native.slotOf(scope, name))
      const make = family < 0 ? undefined : glueOf(family)[name]
      return made[index] = make === undefined ? makeApi(name, slot, sync, undefined, 'off') : make(slot)
    }
    return made
  }

  /** Makes the scope of the mini-program, or of a plugin. @param {string | undefined} plugin @returns {Scope} */
  const makeScope = (plugin) => {
    const number = scopes.length
    /** @type {Record<string, unknown>} */
    const ft = {}
    /** @type {Record<string, unknown>} */
    const wx = {}
    const own = plugin === undefined ? global : create(global)
    hide(own, 'ft', ft)
    hide(own, 'wx', wx)
    hide(own, 'global', own)
    if (plugin !== undefined) {
      hide(own, 'globalThis', own)
      for (const name of ['App', 'getApp', 'requirePlugin']) hide(own, name, undefined)
    }

    /** What a framework has put in the place of an object gets the member too. @param {string} word */
    const replaced = (word) => {
      let current
      try {
        current = own[word]
      } catch {
        return undefined
      }
      return current !== ft && current !== wx && typeof current === 'object' && current !== null ? current : undefined
    }
    const publish = (/** @type {string} */ name, /** @type {unknown} */ value) => {
      define(ft, name, value)
      define(wx, name, value)
      const framework = [replaced('ft'), replaced('wx')]
      for (let at = 0; at < 2; at++) if (framework[at] !== undefined) define(/** @type {object} */ (framework[at]), name, value)
    }

    const scope = { number, plugin, global: own, ft, publish, guests: create(null) }
    define(scopes, `${number}`, scope)
    for (let at = 0; at < members.length; at++) {
      // What a plugin can use is not asked for, as in the dialects served.
      if (plugin === undefined || members[at] !== 'canIUse') publish(members[at], native.functions[members[at]])
    }
    publish('loadExtApi', (/** @type {unknown} */ list) => declareAll(scope, list, 'strict', false))
    publish('invokeNativePlugin', invokeNativePluginOf(number))
    publish('env', { USER_DATA_PATH: 'wxfile://usr' })
    native.placeBuiltIns(ft, wx, builtIns(number))
    return scope
  }

  const main = makeScope(undefined)
  const environments = []
  for (let at = 0; at < plugins.length; at++) environments[at] = makeScope(plugins[at]).global
  if (declared !== undefined) {
    declareAll(main, declared.entries, declared.mode, declared.overwrite === true)
    if (declared.exposeRegistered) {
      const names = native.registered()
      for (let at = 0; at < names.length; at += 2) {
        const name = /** @type {string} */ (names[at])
        if (!owns(main.ft, name)) declareOne(main, { name, sync: names[at + 1] }, 'off', false)
      }
    }
  }
  const loadExtApi = /** @type {(list: unknown) => void} */ (main.ft.loadExtApi)
  return { loadExtApi, tools: { ...tools, native, scopes }, environments }
}
