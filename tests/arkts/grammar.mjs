// The ArkUI grammar for OpenHarmony's TypeScript fork, read out of the SDK declarations. The checker and the transpiler
// share it: a component that it does not name is a syntax error.

import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The folder of the SDK declarations. */
export const sdk = dirname(createRequire(import.meta.url).resolve('@arkts/declarations/dist/global.d.ts'))

/** The declarations of the ArkUI components; they are global and belong to every program. */
export const componentFiles = declarationsBelow(join(sdk, 'component'))

const componentText = componentFiles.map((file) => readFileSync(file, 'utf8')).join('\n')

// Declared like components, but no components: they have no attributes and stand nowhere in a build method's tree.
const notComponents = /^(Common|(Lazy)?ForEach|\w*Gesture\w*)$/
const components = [...componentText.matchAll(/^declare const (\w+): ?\w+Interface/gm)]
  .map((match) => match[1])
  .filter((name) => !notComponents.test(name))

/**
 * What `options.ets` wants: the words of ArkUI.
 * @type {import('ohos-typescript').EtsOptions}
 */
export const ets = {
  render: { method: ['build', 'pageTransition'], decorator: ['Builder', 'LocalBuilder'] },
  components,
  libs: [],
  extend: {
    decorator: ['Extend'],
    components: components
      .filter((name) => componentText.includes(` ${name}Attribute `))
      .map((name) => ({ name, type: `${name}Attribute`, instance: `${name}Instance` })),
  },
  styles: {
    decorator: 'Styles',
    component: { name: 'Common', type: 'T', instance: 'CommonInstance' },
    property: 'stateStyles',
  },
  concurrent: { decorator: 'Concurrent' },
  customComponent: 'CustomComponent',
  propertyDecorators: [
    { name: 'Link', needInitialization: false },
    { name: 'Prop', needInitialization: false },
  ],
  emitDecorators: [
    { name: 'Entry', emitParameters: true },
    { name: 'Component', emitParameters: false },
    { name: 'State', emitParameters: false },
  ],
  syntaxComponents: { paramsUICallback: ['ForEach', 'LazyForEach'], attrUICallback: [] },
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function declarationsBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return declarationsBelow(path)
    return /\.d\.e?ts$/.test(entry.name) ? [path] : []
  })
}
