// What the project files say about each other and about what lies beside them. Each fact is a function that reports to
// the project what does not hold.

import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { sdk } from './grammar.mjs'
import { askedPermissions } from './layout_rules.mjs'
import { everyReferenceIsThere } from './layout_resources.mjs'
import { oldestLevel } from './levels.mjs'
import { filesBelow } from './sources.mjs'

/** @typedef {import('./layout.mjs').Project} Project */
/** @typedef {{ name: string, srcEntry: string }} Ability */
/** @typedef {{ name: string, usedScene?: { abilities: string[] }, reason?: string }} Permission */

/** The modules of the project with the task that builds them. */
const modules = { finapp: 'harTasks', entry: 'hapTasks' }
const profiles = Object.keys(modules).map((name) => `${name}/build-profile.json5`)
const testModules = Object.keys(modules).map((name) => `${name}/src/ohosTest`)

/** @type {((project: Project) => void)[]} */
export const facts = [
  buildScriptsAreThere,
  modelVersionsAgree,
  modulesAreListed,
  versionsAgree,
  theOldestSystemIsOne,
  packagesOfFoldersAreThere,
  theHarCanBePublished,
  namedRulesAreThere,
  nothingStartsCMake,
  abilitiesAreThere,
  pagesAreThere,
  permissionsAreExplained,
  suitesForADeviceAreComplete,
  everyReferenceIsThere,
]

/** @param {Project} project */
function buildScriptsAreThere(project) {
  const scripts = { 'hvigorfile.ts': 'appTasks', ...ofModules((name, task) => [`${name}/hvigorfile.ts`, task]) }
  for (const [path, task] of Object.entries(scripts)) {
    if (!project.has(path)) project.report(path, 'missing')
    else if (!project.text(path).includes(`system: ${task}`)) project.report(path, `${task} expected as its system`)
  }
}

/** @param {Project} project */
function modelVersionsAgree(project) {
  const [one, other] = ['oh-package.json5', 'hvigor/hvigor-config.json5']
  const found = [one, other].map((path) => project.data(path).modelVersion)
  if (found[0] !== found[1]) project.report(other, `modelVersion is ${found[1]}, and ${found[0]} in ${one}`)
}

/** @param {Project} project */
function modulesAreListed(project) {
  /** @type {{ name: string, srcPath: string, targets?: unknown }[]} */
  const listed = project.data('build-profile.json5').modules ?? []
  for (const { name, srcPath, targets } of listed) {
    const path = posix.join(srcPath, 'src/main/module.json5')
    const { name: own, type } = project.data(path).module ?? {}
    if (own !== name) project.report(path, `its name is ${own}, and ${name} in build-profile.json5`)
    if ((type === 'har') !== (targets === undefined)) {
      project.report('build-profile.json5', `module ${name}: an app's module has targets, and a HAR has none`)
    }
  }
  for (const name of Object.keys(modules)) {
    if (!listed.some((module) => module.name === name))
      project.report('build-profile.json5', `module ${name} is missing`)
  }
}

/** @param {Project} project */
function versionsAgree(project) {
  const cargo = project.text('Cargo.toml')
  const version = /^version = "(.+)"$/m.exec(cargo)?.[1]
  const license = /^license = "(.+)"$/m.exec(cargo)?.[1]
  const folders = ['finapp', 'finapp/types/libfinapp', 'entry']
  const versions = folders
    .map((folder) => `${folder}/oh-package.json5`)
    .map((path) => [path, project.data(path).version])
  for (const [path, own] of [
    ...versions,
    ['AppScope/app.json5', project.data('AppScope/app.json5').app?.versionName],
  ]) {
    if (own !== version) project.report(path, `its version is ${own}, and ${version} in Cargo.toml`)
  }
  const own = project.data('finapp/oh-package.json5').license
  if (own !== license) project.report('finapp/oh-package.json5', `its license is ${own}, and ${license} in Cargo.toml`)
}

/** @param {Project} project */
function theOldestSystemIsOne(project) {
  for (const { name, compatibleSdkVersion } of project.data('build-profile.json5').app?.products ?? []) {
    if (!compatibleSdkVersion.endsWith(`(${oldestLevel})`)) {
      project.report(
        'build-profile.json5',
        `product ${name} starts at ${compatibleSdkVersion}; API ${oldestLevel} expected`,
      )
    }
  }
  const own = project.data('finapp/oh-package.json5').compatibleSdkVersion
  if (own !== String(oldestLevel)) {
    project.report('finapp/oh-package.json5', `compatibleSdkVersion is ${own}; ${oldestLevel} expected`)
  }
}

/** @param {Project} project */
function packagesOfFoldersAreThere(project) {
  for (const folder of ['.', ...Object.keys(modules)]) {
    const path = posix.join(folder, 'oh-package.json5')
    const { dependencies = {}, main, types } = project.data(path)
    for (const file of [main, types]) {
      if (file && !project.has(posix.join(folder, file))) project.report(path, `${file} is not there`)
    }
    for (const [name, place] of Object.entries(dependencies)) {
      if (!place.startsWith('file:')) continue
      const target = posix.join(folder, place.slice('file:'.length), 'oh-package.json5')
      const found = project.data(target).name
      if (found !== name) project.report(path, `${name} is ${place}, which is the package ${found}`)
    }
  }
  const sdkOfDemo = project.data('entry/oh-package.json5').dependencies?.['@finapp/sdk']
  if (!sdkOfDemo) project.report('entry/oh-package.json5', 'the demo app does not depend on @finapp/sdk')
}

/** @param {Project} project */
function theHarCanBePublished(project) {
  const { name, license = '', keywords = [] } = project.data('finapp/oh-package.json5')
  if (name !== '@finapp/sdk') project.report('finapp/oh-package.json5', `its name is ${name}; @finapp/sdk expected`)
  if (keywords.length > 10) project.report('finapp/oh-package.json5', `${keywords.length} keywords; ohpm takes ten`)
  for (const path of ['finapp/README.md', 'finapp/CHANGELOG.md', 'finapp/LICENSE']) {
    if (!project.has(path)) project.report(path, 'missing; ohpm wants it')
  }
  if (!project.text('finapp/README.md').includes('ohpm install @finapp/sdk')) {
    project.report('finapp/README.md', 'does not say `ohpm install @finapp/sdk`')
  }
  // Each licence by the words that only its own text has.
  const words = [
    ['MIT', 'Permission is hereby granted, free of charge'],
    ['Apache-2.0', 'Apache License'],
  ]
  for (const [id, text] of words) {
    if (license.includes(id) && !project.text('finapp/LICENSE').includes(text)) {
      project.report('finapp/LICENSE', `does not hold the text of ${id}, which oh-package.json5 names`)
    }
  }
}

/** @param {Project} project */
function namedRulesAreThere(project) {
  for (const path of profiles) {
    for (const { arkOptions } of project.data(path).buildOptionSet ?? []) {
      const { ruleOptions, consumerFiles = [] } = arkOptions?.obfuscation ?? {}
      for (const file of [...(ruleOptions?.files ?? []), ...consumerFiles]) {
        if (!project.has(posix.join(posix.dirname(path), file))) project.report(path, `${file} is not there`)
      }
    }
  }
  // Without them an app that is obfuscated cannot find the native exports by name.
  const brings = JSON.stringify(project.data('finapp/build-profile.json5').buildOptionSet ?? []).includes(
    'consumerFiles',
  )
  if (!brings) project.report('finapp/build-profile.json5', 'the HAR brings no rules for the apps that use it')
}

/** @param {Project} project */
function nothingStartsCMake(project) {
  for (const path of profiles) {
    if (JSON.stringify(project.data(path)).includes('"externalNativeOptions"')) {
      project.report(path, 'externalNativeOptions would start CMake; the library is built by ohrs')
    }
  }
  for (const name of Object.keys(modules)) {
    if (project.has(`${name}/src/main/cpp`)) project.report(`${name}/src/main/cpp`, 'this folder would start CMake')
  }
}

/** @param {Project} project */
function abilitiesAreThere(project) {
  for (const folder of appModuleFolders(project)) {
    const path = `${folder}/module.json5`
    const { abilities = [], mainElement, srcEntry } = project.data(path).module ?? {}
    const entries = [srcEntry, ...abilities.map((/** @type {Ability} */ ability) => ability.srcEntry)]
    for (const entry of entries) {
      if (entry && !project.has(posix.join(folder, entry))) project.report(path, `${entry} is not there`)
    }
    const names = abilities.map((/** @type {Ability} */ ability) => ability.name)
    if (mainElement && !names.includes(mainElement)) project.report(path, `mainElement ${mainElement} is no ability`)
  }
}

/** @param {Project} project */
function pagesAreThere(project) {
  for (const folder of appModuleFolders(project)) {
    const profile = /^\$profile:(\w+)$/.exec(project.data(`${folder}/module.json5`).module?.pages)?.[1]
    if (!profile) continue
    const list = `${folder}/resources/base/profile/${profile}.json`
    /** @type {string[]} */
    const pages = project.data(list).src ?? []
    const files = pages.map((page) => `${folder}/ets/${page}.ets`)
    for (const [index, file] of files.entries()) {
      if (!project.has(file)) project.report(list, `${pages[index]} is not there`)
      else if (entryMarks(project.text(file)) !== 1) project.report(file, 'a page has one component marked @Entry')
    }
    for (const file of filesBelow(join(project.root, folder, 'ets'), '.ets')) {
      const path = posix.join(folder, file.slice(join(project.root, folder).length).replaceAll('\\', '/'))
      if (!files.includes(path) && entryMarks(project.text(path)) > 0) {
        project.report(path, `is marked @Entry, and ${list} does not name it`)
      }
    }
  }
}

/** @param {string} text */
function entryMarks(text) {
  return [...text.matchAll(/^@Entry\b/gm)].length
}

/** @param {Project} project */
function permissionsAreExplained(project) {
  const known = readFileSync(join(sdk, 'api/permissions.d.ts'), 'utf8')
  for (const folder of appModuleFolders(project)) {
    const path = `${folder}/module.json5`
    const { requestPermissions = [], abilities = [] } = project.data(path).module ?? {}
    for (const { name, reason, usedScene } of /** @type {Permission[]} */ (requestPermissions)) {
      if (!known.includes(`'${name}'`)) project.report(path, `${name} is no permission of the system`)
      if (!askedPermissions.has(name)) continue
      if (!reason || !usedScene)
        project.report(path, `${name}: the user is asked, so it needs a reason and a usedScene`)
      for (const ability of usedScene?.abilities ?? []) {
        const isThere = abilities.some((/** @type {Ability} */ own) => own.name === ability)
        if (!isThere) project.report(path, `${name} is used by ${ability}, which is no ability`)
      }
    }
  }
}

/** @param {Project} project */
function suitesForADeviceAreComplete(project) {
  for (const folder of testModules.filter((path) => project.has(`${path}/ets`))) {
    if (!project.has(`${folder}/ets/test/List.test.ets`)) project.report(`${folder}/ets/test/List.test.ets`, 'missing')
    const own = `${folder.split('/')[0]}_test`
    const { name } = project.data(`${folder}/module.json5`).module ?? {}
    if (name !== own) project.report(`${folder}/module.json5`, `its name is ${name}; ${own} expected`)
    const list = project.text(`${folder}/ets/test/List.test.ets`)
    for (const file of filesBelow(join(project.root, folder, 'ets/test'), '.test.ets')) {
      const suite = posix.basename(file.replaceAll('\\', '/'), '.ets')
      if (suite !== 'List.test' && !list.includes(`'./${suite}'`)) {
        project.report(`${folder}/ets/test/List.test.ets`, `does not run ${suite}.ets`)
      }
    }
  }
}

/** @param {Project} project */
function appModuleFolders(project) {
  return ['entry/src/main', ...testModules].filter((folder) => project.has(`${folder}/module.json5`))
}

/** @param {(name: string, task: string) => [string, string]} entry */
function ofModules(entry) {
  return Object.fromEntries(Object.entries(modules).map(([name, task]) => entry(name, task)))
}
