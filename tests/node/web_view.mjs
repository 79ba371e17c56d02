// A page of a mini-program in a view of the host: what a browser does, in a context of Node with the page library as it
// ships. Messages go through the real module, both ways.

import { join } from 'node:path'
import vm from 'node:vm'
import { script as shipped } from '../jssdk/built.mjs'
import { native } from './support.mjs'

/** @typedef {import('../../finapp/types/libfinapp/index.js').AppletClient} AppletClient */
/** @typedef {import('../../finapp/types/libfinapp/index.js').WebPage} WebPage */
/** @typedef {import('../../finapp/types/libfinapp/index.js').WebPageView} WebPageView */

/** The mini-program of the demo app that has a web page. */
export const WEB_SAMPLES = join(import.meta.dirname, '../../entry/src/main/resources/rawfile/applets/web-samples')

/** An origin of the mini-program's own. */
export const OWN = 'https://own.example'

/** @implements {WebPageView} */
export class WebView {
  /** @type {string[]} what the view was asked to do */
  asked = []
  /** @type {WebPage | undefined} */
  page
  /** @type {string} */
  url = ''
  /** @type {unknown[]} errors of scripts */
  thrown = []
  /** @type {vm.Context} */
  context = vm.createContext({})
  #source
  #library
  #extra

  /**
   * @param {{ source?: string, library?: string, extra?: object }} [options] the page's own script, the library before it,
   * and what else the page finds
   */
  constructor({ source = '', library = shipped, extra = {} } = {}) {
    this.#source = source
    this.#library = library
    this.#extra = extra
  }

  /** Gives the page to the view, which shows `url` then. @param {WebPage} page */
  shows(page, url = `${OWN}/index.html`) {
    this.page = page
    this.show(url)
    return this
  }

  /** Commits a document: its scripts run, and then it is there. @param {string} url */
  show(url) {
    this.url = url
    this.page?.committed(url)
    this.context = vm.createContext({
      console: { log() {}, warn() {}, error() {} },
      crypto,
      TextEncoder,
      TextDecoder,
      btoa,
      atob,
      queueMicrotask,
      structuredClone,
      reportError: (/** @type {unknown} */ error) => this.thrown.push(error),
      setTimeout: (/** @type {() => void} */ run, /** @type {number} */ delay) => setTimeout(run, delay).unref(),
      clearTimeout,
      FinChatJSCore: {
        webInvokeHandler: (/** @type {string} */ name, /** @type {string} */ params, /** @type {number} */ id) =>
          this.page?.webInvoke(url, true, name, params, id),
      },
      ...this.#extra,
    })
    this.run('globalThis.window = globalThis')
    for (const text of [native.WEB_PAGE_START_SCRIPT, this.#library, this.#source]) this.run(text)
    this.page?.loaded(url)
  }

  /** @param {string} script */
  run(script) {
    try {
      return vm.runInContext(script, this.context)
    } catch (error) {
      this.thrown.push(error)
    }
  }

  /** @param {string} url */
  load(url) {
    this.asked.push(`load ${url}`)
    this.show(url)
  }

  goBack() {
    this.asked.push('goBack')
  }

  close() {
    this.asked.push('close')
  }
}

/**
 * Opens a page that the host shows by itself.
 * @param {AppletClient} applet
 * @param {string} [source] the page's own script
 * @param {string} [url]
 */
export function openPage(applet, source, url) {
  const view = new WebView({ source })
  return view.shows(applet.openWebPage(view), url)
}
