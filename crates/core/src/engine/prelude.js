// Makes `ft` and `wx` and the ways to declare custom APIs on them. Runs once per engine, before any foreign code, and
// is the only code that ever sees `native`. What it needs of the language it takes here, so that nothing a
// mini-program does to its globals later changes it.

/**
 * What the engine answers. Numbers are slots of declared APIs.
 * @typedef {object} Native
 * @property {(name: string, sync: boolean, overwrite: 0 | 1 | 2) => number} declare
 *   0: only what the host registered; 1: that, or else the built-in; 2: only the built-in. -1: bad name, -2: too many.
 * @property {(slot: number, options: unknown) => Promise<object> | undefined} invoke
 * @property {(slot: number, options: unknown) => unknown} invokeSync
 * @property {(slot: number, params: unknown, options: unknown, unpack?: Function) => Promise<object> | undefined} invokeWith
 *   `params` travels, `options` has the callbacks, `unpack` gets the result of a success before they do
 * @property {(slot: number, params: unknown, options: unknown, unpack?: Function) => (() => void) | undefined} invokeTask
 *   the same, and gives what gives the call up while it is in flight
 * @property {(name: unknown, data: unknown, options: object, timeout?: number) => Promise<object> | undefined} invokeNamed
 * @property {(name: unknown, data: unknown) => unknown} invokeNamedSync
 * @property {(slot: number, options: unknown, text: string) => unknown} refuse
 * @property {(on: boolean) => boolean} reading
 *   Says that arguments are being read here: calls that their getters make fail meanwhile. Gives what was said before.
 * @property {(name: string) => boolean} hasCustom
 * @property {() => Array<string | boolean>} registered
 * @property {(text: string) => unknown} evaluate compiles with room to spare, then runs in the global scope
 * @property {(length: number, compile: () => Function) => Function} construct runs `compile` with room to spare
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
 * @property {(object: object, name: string, value: unknown) => void} define
 * @property {(object: object, name: string, value: unknown) => void} hide as a member that is not enumerated
 * @property {(given: object) => boolean} isList
 * @property {(object: object, name: string) => boolean} owns
 * @property {(value: unknown) => string} typeName
 */

/**
 * What the component layer may use of this file, and nobody else.
 * @typedef {Tools & {native: Native, publish: (name: string, value: unknown) => void, slots: {[name: string]: number}}} LayerTools
 */

/**
 * @typedef {object} ExtApi
 * @property {string} name
 * @property {boolean} [sync]
 * @property {boolean} [overwrite]
 * @property {object} [params]
 */

/**
 * @param {Native} native
 * @param {Array<string | boolean>} builtIns pairs of name and whether it is synchronous, in one flat list
 * @param {Array<(native: Native, tools: Tools) => {[name: string]: (slot: number) => unknown}>} glues
 *   each makes built-ins that are more than a call of their slot; nothing for those that it puts elsewhere itself
 * @param {{entries: ExtApi | ExtApi[], overwrite: boolean, mode: string, exposeRegistered: boolean} | undefined} declared
 * @returns {{loadExtApi: (list: unknown) => void, tools: LayerTools}}
 */
export function install(native, builtIns, glues, declared) {
  'use strict'
  const { defineProperty, getPrototypeOf, keys, setPrototypeOf } = Object
  const { isArray } = Array
  const { apply, construct } = Reflect
  const { toString, hasOwnProperty } = Object.prototype
  const slice = String.prototype.slice
  const OwnError = Error
  const global = globalThis

  // A stack trace would hand out the functions in it, this file's own among them.
  const errors = /** @type {any} */ (Error)
  const prepareStackTrace = errors.prepareStackTrace
  errors.prepareStackTrace = (/** @type {unknown} */ _, /** @type {object[]} */ sites) => sites
  delete Object.getPrototypeOf(/** @type {any} */ (new Error().stack)[0]).getFunction
  errors.prepareStackTrace = prepareStackTrace
  // The engine's own setter never lets go of what was set before, and a program that sets objects would end in an abort.
  defineProperty(errors, 'stackTraceLimit', /** @type {PropertyDescriptor} */ (
    { __proto__: null, value: 10, writable: true, enumerable: false, configurable: true }))

  /** @param {object} object @param {string} name @param {unknown} value */
  const hide = (object, name, value) => {
    defineProperty(object, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: false, configurable: true }))
  }

  // Code that is made of text goes through the engine's own room: compile.rs says why.
  const { evaluate, construct: compile } = native
  const indirect = (/** @type {unknown} */ source) => typeof source === 'string' ? evaluate(source) : source
  defineProperty(indirect, 'name', { value: 'eval', configurable: true })
  hide(global, 'eval', indirect)
  for (const sample of [function () {}, function* () {}, async function () {}, async function* () {}]) {
    const prototype = getPrototypeOf(sample)
    const real = prototype.constructor
    const Made = function (/** @type {unknown[]} */ ...parts) {
      let length = 0
      // Making text of the parts may run code of the mini-program: that must be over before the room is given.
      for (let at = 0; at < parts.length; at++) length += (parts[at] = `${parts[at]}`).length
      const made = compile(length, () => construct(real, parts))
      if (new.target !== undefined && new.target !== Made) setPrototypeOf(made, new.target.prototype)
      return made
    }
    defineProperty(Made, 'name', { value: real.name, configurable: true })
    defineProperty(Made, 'length', { value: 1, configurable: true })
    defineProperty(Made, 'prototype', { value: prototype, writable: false })
    hide(prototype, 'constructor', Made)
    if (global.Function === real) hide(global, 'Function', Made)
  }

  /** @param {object} object @param {string} name */
  const owns = (object, name) => apply(hasOwnProperty, object, [name])

  /** @param {object} object @param {string} name @param {unknown} value */
  const define = (object, name, value) => {
    defineProperty(object, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: true, configurable: true }))
  }

  /** @type {Record<string, unknown>} */
  const ft = {}
  /** @type {Record<string, unknown>} */
  const wx = {}

  /** Puts a member on both objects, and on whatever a framework has put in their place. */
  const publish = (/** @type {string} */ name, /** @type {unknown} */ value) => {
    define(ft, name, value)
    define(wx, name, value)
    publishOn(/** @type {any} */ (global).ft, name, value)
    publishOn(/** @type {any} */ (global).wx, name, value)
  }

  /** @param {unknown} current @param {string} name @param {unknown} value */
  const publishOn = (current, name, value) => {
    if (current !== ft && current !== wx && typeof current === 'object' && current !== null) define(current, name, value)
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
   * The function that stands on `ft` for one API.
   * @param {string} name @param {number} slot @param {boolean} sync @param {unknown} template @param {string} mode
   */
  const makeApi = (name, slot, sync, template, mode) => {
    const checked = typeof template === 'object' && template !== null && mode !== 'off' && (isArray(template) || keys(template).length > 0)
    const call = sync ? native.invokeSync : native.invoke
    return function (/** @type {unknown} */ options) {
      const given = options === undefined || options === null ? { __proto__: null } : options
      if (typeof given !== 'object') {
        return native.refuse(slot, undefined, `parameter error: parameter should be Object instead of ${typeName(given)};`)
      }
      if (checked) {
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
      }
      return call(slot, isList(given) ? asObject(given) : given)
    }
  }

  /** Names of the bridge itself: nothing may take their place. @type {Record<string, true>} */
  const reserved = Object.create(null)

  /**
   * Declares one entry of `extApi`. An entry without a name is skipped, as in the dialects served.
   * @param {any} entry @param {string} mode @param {boolean} overwriteAll
   */
  const declareOne = (entry, mode, overwriteAll) => {
    if (typeof entry !== 'object' || entry === null) return native.warn('extApi: an entry is not an object')
    const name = entry.name
    if (typeof name !== 'string' || name === '') return undefined
    const overwrite = overwriteAll || entry.overwrite === true
    if (owns(ft, name)) {
      if (!overwrite) return native.warn(`extApi: ${name} exists already and overwrite is not set`)
      if (reserved[name] || !native.hasCustom(name)) {
        return native.warn(`extApi: ${name} is not registered by the host and cannot be overwritten`)
      }
    }
    const slot = native.declare(name, entry.sync === true, overwrite ? 1 : 0)
    if (slot === -1) return native.warn('extApi: a name is not allowed')
    if (slot === -2) return native.warn('extApi: too many entries')
    return publish(name, makeApi(name, slot, entry.sync === true, entry.params, mode))
  }

  /** @param {unknown} list @param {string} mode @param {boolean} overwriteAll */
  const declareAll = (list, mode, overwriteAll) => {
    if (isArray(list)) {
      for (let at = 0; at < list.length; at++) declareOne(list[at], mode, overwriteAll)
    } else if (typeof list === 'object' && list !== null) {
      declareOne(list, mode, overwriteAll)
    }
  }

  const loadExtApi = (/** @type {unknown} */ list) => declareAll(list, 'strict', false)

  const invokeNativePlugin = function (/** @type {any} */ options) {
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
    if (sync === true) return native.invokeNamedSync(name, data)
    return native.invokeNamed(name, data, given, typeof timeout === 'number' ? timeout : 0)
  }

  const members = keys(native.functions)
  for (let at = 0; at < members.length; at++) {
    reserved[members[at]] = true
    publish(members[at], native.functions[members[at]])
  }
  reserved.loadExtApi = reserved.invokeNativePlugin = true
  publish('loadExtApi', loadExtApi)
  publish('invokeNativePlugin', invokeNativePlugin)
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

  /** @type {{[name: string]: (slot: number) => unknown}} */
  const glued = Object.create(null)
  const tools = { asynchronous, define, hide, isList, owns, synchronous, typeName }
  for (let at = 0; at < glues.length; at++) Object.assign(glued, glues[at](native, tools))
  /** @type {{[name: string]: number}} */
  const slots = Object.create(null)
  for (let at = 0; at < builtIns.length; at += 2) {
    const name = /** @type {string} */ (builtIns[at])
    const sync = /** @type {boolean} */ (builtIns[at + 1])
    const slot = native.declare(name, sync, 2)
    slots[name] = slot
    const make = glued[name]
    const member = make === undefined ? makeApi(name, slot, sync, undefined, 'off') : make(slot)
    // What stands on an object of the glue does not stand here as well.
    if (member !== undefined) publish(name, member)
  }
  if (declared !== undefined) {
    declareAll(declared.entries, declared.mode, declared.overwrite === true)
    if (declared.exposeRegistered) {
      const names = native.registered()
      for (let at = 0; at < names.length; at += 2) {
        if (!owns(wx, /** @type {string} */ (names[at]))) declareOne({ name: names[at], sync: names[at + 1] }, 'off', false)
      }
    }
  }
  for (const [name, value] of /** @type {Array<[string, unknown]>} */ ([['ft', ft], ['wx', wx], ['global', global]])) {
    defineProperty(global, name, /** @type {PropertyDescriptor} */ (
      { __proto__: null, value, writable: true, enumerable: false, configurable: true }))
  }
  return { loadExtApi, tools: { ...tools, native, publish, slots } }
}
