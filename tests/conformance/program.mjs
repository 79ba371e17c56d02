// Mini-programs around packages from npm, which are laid out as WeChat's tools do it and otherwise left as they are.

import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { modulePath, within } from '../node/support.mjs'

/** @typedef {import('../node/support.mjs').Host} Host */
/** @typedef {import('../../finapp/types/libfinapp/index.js').AppletClient} AppletClient */
/** @typedef {Record<string, string>} Files paths in the mini-program with their texts */

/** Where npm has put the packages: beside the module, outside of the sources. */
export const installed = resolve(dirname(modulePath), '../conformance/node_modules')

/**
 * Copies a package to where a mini-program looks for it: the folder that it names as its part for mini-programs, or all
 * of it, with its main file as the index.
 * @param {string} folder the mini-program
 * @param {string} name
 */
const take = (folder, name) => {
  const from = join(installed, name)
  const to = join(folder, 'miniprogram_npm', name)
  const { miniprogram, main = 'index.js' } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  cpSync(miniprogram ? join(from, miniprogram) : from, to, { recursive: true })
  if (miniprogram || main === 'index.js') return
  writeFileSync(join(to, 'index.js'), `module.exports = require('./${main.replace(/^\.\//, '')}')`)
}

/**
 * Writes a mini-program with one page, `pages/main/main`, and gives its folder.
 * @param {Host} host
 * @param {string[]} packages
 * @param {Files} files
 */
const write = (host, packages, files) => {
  const folder = host.write('demo', 'App({})')
  for (const name of packages) take(folder, name)
  const all = { 'app.json': '{ "pages": ["pages/main/main"] }', 'pages/main/main.json': '{}', ...files }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/**
 * Starts a mini-program with one page.
 * @param {Host} host
 * @param {string[]} packages
 * @param {Files} files
 * @param {string[]} [requestDomain] which servers it may ask
 */
export const start = (host, packages, files, requestDomain) => {
  const offlineLibraryPath = write(host, packages, files)
  const starting = host.client.startApplet({ appId: 'demo', offlineLibraryPath, requestDomain })
  return within(starting, 'the start of the mini-program')
}

/**
 * Every component in a package's folder for mini-programs: tag to path.
 * @param {string} name
 * @param {string} part that folder
 * @param {string} prefix
 */
export const componentsOf = (name, part, prefix) => {
  const root = join(installed, name, part)
  /** @type {Record<string, string>} */
  const found = {}
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.json') || JSON.parse(readFileSync(join(root, file), 'utf8')).component !== true) continue
    const path = file.slice(0, -'.json'.length)
    found[`${prefix}-${path.replaceAll('/', '-').toLowerCase()}`] = `${name}/${path}`
  }
  return found
}

/** Notes what is defined and what is attached, by path, and reports it when the page asks. */
const NOTING_APP = `
const define = Component
const seen = { defined: [], attached: [] }
const noting = Behavior({ lifetimes: { attached() { seen.attached.push(this.is) } } })
Component = (definition) => {
  seen.defined.push(__wxRoute)
  return define({ ...definition, behaviors: [...definition.behaviors ?? [], noting] })
}
App({ seen })`

/** For a page with many components, on a machine that is busy with something else. */
export const PATIENT = { limits: { turnForegroundMs: 60_000 } }

/**
 * Starts a page that has each component once, and fails unless each is defined once and attached, without an error.
 * @param {Host} host
 * @param {string} name the package
 * @param {Record<string, string>} components
 * @param {{ attributes?: Record<string, string>, apart?: string[] }} [options] what a component cannot do without, by its
 *   tag, and which are only defined
 */
export const attachAll = async (host, name, components, { attributes = {}, apart = [] } = {}) => {
  const tags = Object.keys(components).filter((tag) => !apart.includes(tag))
  await start(host, [name], {
    'app.js': NOTING_APP,
    'pages/main/main.json': JSON.stringify({ usingComponents: components }),
    'pages/main/main.wxml': tags.map((tag) => `<${tag} ${attributes[tag] ?? ''}></${tag}>`).join(''),
    'pages/main/main.js': 'Page({ onReady() { setTimeout(() => ft.report(getApp().seen)) } })',
  })
  const { defined, attached } = await host.reported()
  const paths = Object.values(components).map((path) => `miniprogram_npm/${path}`)
  assert.deepEqual([...defined].sort(), paths.sort())
  const placed = tags.map((tag) => `miniprogram_npm/${components[tag]}`)
  assert.deepEqual(placed.filter((path) => !attached.includes(path)), [])
  await noErrors(host)
}

/**
 * Fails when a script of the mini-program has failed so far.
 * @param {Host} host
 */
export const noErrors = async (host) => {
  const failed = []
  while (host.events.length > 0) {
    const { type, message } = await host.events.next('an event that is there')
    if (type === 'error') failed.push(message)
  }
  assert.deepEqual(failed, [])
}

/**
 * Sends an event to an element of the page, which must be there.
 * @param {AppletClient} applet
 * @param {string} selector
 * @param {string} type
 * @param {object} [detail]
 */
export const act = async (applet, selector, type, detail = {}) => {
  assert.ok(await within(applet.pageEvent(selector, type, detail), `${type} at ${selector}`), `no ${selector}`)
}

/**
 * The data of the page.
 * @param {AppletClient} applet
 * @returns {Promise<Record<string, any>>}
 */
export const dataOf = (applet) => within(applet.pageData(), 'the data of the page')
