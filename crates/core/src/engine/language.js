// What a mini-program does not find of the language as it was: stack traces that hand out functions, and code made of
// text that the engine's compiler would have no room for. Runs once per engine, before anything else.

/**
 * @param {object} native
 * @param {(text: string) => unknown} native.evaluate compiles with room to spare, then runs in the global scope
 * @param {(length: number, compile: () => Function) => Function} native.construct runs `compile` with room to spare
 */
export function mend(native) {
  'use strict'
  const { defineProperty, getPrototypeOf, setPrototypeOf } = Object
  const { construct } = Reflect
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
}
