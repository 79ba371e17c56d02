// The frameworks under the layer. The rest of it takes from here what it uses of them.

import {
  Component, Element, ElementIterator, ElementIteratorType, Event, addGlobalErrorListener, addGlobalWarningListener
} from 'glass-easel'
import { MiniProgramEnv, component } from 'glass-easel-miniprogram-adapter'

export const glassEasel = { Component, Element, ElementIterator, ElementIteratorType, Event, addGlobalErrorListener,
  addGlobalWarningListener }
export const { ComponentCaller } = component
export { MiniProgramEnv }
