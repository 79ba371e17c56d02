// That every resource which is named exists: a missing one stops the build, or shows an empty text.

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from './layout_shape.mjs'
import { filesBelow } from './sources.mjs'

/** @typedef {import('./layout.mjs').Project} Project */

/**
 * The folders of resources that each place can name: its own, and those of the app and of the packages it uses.
 * @type {{ names: string, resources: string[] }[]}
 */
const places = [
  { names: 'AppScope', resources: ['AppScope/resources'] },
  { names: 'finapp/src/main', resources: ['finapp/src/main/resources'] },
  {
    names: 'entry/src/main',
    resources: ['entry/src/main/resources', 'AppScope/resources', 'finapp/src/main/resources'],
  },
  { names: 'entry/src/ohosTest', resources: ['entry/src/ohosTest/resources', 'AppScope/resources'] },
  { names: 'finapp/src/ohosTest', resources: ['finapp/src/ohosTest/resources', 'AppScope/resources'] },
]

/** @param {Project} project */
export function everyReferenceIsThere(project) {
  for (const { names, resources } of places) {
    const known = new Set(resources.flatMap((folder) => [...resourcesOf(project, folder)]))
    for (const file of ['app.json5', 'module.json5'].map((name) => `${names}/${name}`)) {
      if (!project.has(file)) continue
      for (const reference of referencesIn(project.data(file))) {
        if (!known.has(reference)) project.report(file, `$${reference} is not among the resources`)
      }
    }
    for (const path of filesBelow(join(project.root, names, 'ets'), '.ets')) {
      const file = names + path.slice(join(project.root, names).length).replaceAll('\\', '/')
      checkCode(project, file, known, resources)
    }
    for (const folder of resources.slice(0, 1)) checkTranslations(project, folder)
  }
}

/**
 * `$r('app.string.x')` and `$rawfile('x')`, which the type checker takes for any text.
 * @param {Project} project
 * @param {string} file
 * @param {Set<string>} known
 * @param {string[]} resources
 */
function checkCode(project, file, known, resources) {
  const text = project.text(file)
  for (const [, kind, name] of text.matchAll(/\$r\('app\.(\w+)\.(\w+)'/g)) {
    if (!known.has(`${kind}:${name}`)) project.report(file, `app.${kind}.${name} is not among the resources`)
  }
  for (const [, name] of text.matchAll(/\$rawfile\('([^']+)'/g)) {
    const isThere = resources.some((folder) => project.has(`${folder}/rawfile/${name}`))
    if (!isThere) project.report(file, `${name} is no raw file`)
  }
}

/**
 * A text that only one language has is missing in all the others.
 * @param {Project} project
 * @param {string} folder
 */
function checkTranslations(project, folder) {
  const base = new Set(elementsOf(project, `${folder}/base`))
  for (const qualifier of foldersIn(project, folder)) {
    if (qualifier === 'base' || qualifier === 'rawfile' || qualifier === 'resfile') continue
    for (const element of elementsOf(project, `${folder}/${qualifier}`)) {
      if (!base.has(element)) project.report(`${folder}/${qualifier}`, `${element} is not in ${folder}/base`)
    }
  }
}

/**
 * What a folder of resources offers, as `kind:name`.
 * @param {Project} project
 * @param {string} folder
 */
function resourcesOf(project, folder) {
  const found = new Set(elementsOf(project, `${folder}/base`))
  for (const kind of ['media', 'profile']) {
    for (const file of filesIn(project, `${folder}/base/${kind}`)) found.add(`${kind}:${file.replace(/\.\w+$/, '')}`)
  }
  return found
}

/**
 * @param {Project} project
 * @param {string} folder
 * @returns {string[]}
 */
function elementsOf(project, folder) {
  return filesIn(project, `${folder}/element`).flatMap((file) => {
    const path = `${folder}/element/${file}`
    return Object.entries(project.data(path)).flatMap(([kind, items]) => {
      if (Array.isArray(items) && items.every(isElement)) return items.map(({ name }) => `${kind}:${name}`)
      project.report(path, `${kind}: a list of names with values expected`)
      return []
    })
  })
}

/**
 * @param {unknown} item
 * @returns {item is { name: string, value: unknown }}
 */
function isElement(item) {
  return isObject(item) && typeof item.name === 'string' && item.value !== undefined
}

/**
 * The references in a value, as `kind:name`.
 * @param {unknown} value
 * @returns {string[]}
 */
function referencesIn(value) {
  if (typeof value === 'string') {
    const match = /^\$(string|media|color|profile|float|boolean|integer|plural|strarray):(\w+)$/.exec(value)
    return match ? [`${match[1]}:${match[2]}`] : []
  }
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : []
}

/**
 * @param {Project} project
 * @param {string} folder
 */
function filesIn(project, folder) {
  return entriesIn(project, folder)
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort()
}

/**
 * @param {Project} project
 * @param {string} folder
 */
function foldersIn(project, folder) {
  return entriesIn(project, folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/**
 * @param {Project} project
 * @param {string} folder
 */
function entriesIn(project, folder) {
  const path = join(project.root, folder)
  return existsSync(path) ? readdirSync(path, { withFileTypes: true }) : []
}
