// The frameworks under the layer. The rest of it takes from here what it uses of them.

import {
  BehaviorBuilder, Component, Element, ElementIterator, ElementIteratorType, Event, addGlobalErrorListener, addGlobalWarningListener
} from 'glass-easel'
import { ProcGenWrapper } from 'glass-easel/src/tmpl/proc_gen_wrapper'
import { MiniProgramEnv, component } from 'glass-easel-miniprogram-adapter'

export const glassEasel = { Component, Element, ElementIterator, ElementIteratorType, Event, addGlobalErrorListener,
  addGlobalWarningListener }
export const { ComponentCaller } = component
export { MiniProgramEnv, ProcGenWrapper }

const { observer } = BehaviorBuilder.prototype
// A behavior that is reached in two ways contributes its observers once, as it does with all else.
BehaviorBuilder.prototype.observer = /** @this {any} @param {unknown} paths @param {unknown} watch */ function (paths, watch) {
  return observer.call(this, paths, watch, true)
}
