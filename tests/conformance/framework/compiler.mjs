// The template compiler as the framework's own tests know it, in the version that they were written for. It is WebAssembly,
// which a mini-program does not have, so the host runs it.

/** @typedef {{ path: string, text: string, isScript: boolean }} Part */

export class TmplGroup {
  /** @type {Part[]} */
  #parts = []
  #dev = false

  static newDev() {
    const group = new TmplGroup()
    group.#dev = true
    return group
  }

  /** @param {string} path @param {string} text */
  addTmpl(path, text) {
    this.#parts.push({ path, text, isScript: false })
  }

  /** @param {string} path @param {string} text */
  addScript(path, text) {
    this.#parts.push({ path, text, isScript: true })
  }

  getTmplGenObjectGroups() {
    const { compiled } = /** @type {any} */ (globalThis).ft.compile({ dev: this.#dev, parts: this.#parts })
    return compiled
  }

  free() {}
}
