// Checks the files around the ArkTS code, which no tool of HarmonyOS reads here: their form, and that what they name is
// there. All problems are printed, not the first alone.
// Usage: node tests/arkts/layout.mjs [FOLDER]    without a folder: the project itself

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import json5 from 'json5'
import { facts } from './layout_facts.mjs'
import { optionalFiles, requiredFiles } from './layout_rules.mjs'
import { differences } from './layout_shape.mjs'
import { root as repository } from './sources.mjs'

/** A project folder, and what was found in it. */
export class Project {
  /** @type {string[]} */
  findings = []
  /** @type {Map<string, any>} */
  #parsed = new Map()

  /** @param {string} root */
  constructor(root) {
    this.root = root
  }

  /**
   * @param {string} path below the project
   * @param {string} text
   */
  report(path, text) {
    this.findings.push(`${path}: ${text}`)
  }

  /** @param {string} path */
  has(path) {
    return existsSync(join(this.root, path))
  }

  /**
   * The text of a file; nothing when it is missing, which is reported by whoever needs it.
   * @param {string} path
   */
  text(path) {
    return this.has(path) ? readFileSync(join(this.root, path), 'utf8') : ''
  }

  /**
   * What a JSON or JSON5 file holds. A file that cannot be read is reported once and is `{}` from then on, so that what
   * can be said about the others is said.
   * @param {string} path
   * @returns {any}
   */
  data(path) {
    if (!this.#parsed.has(path)) this.#parsed.set(path, this.#parse(path))
    return this.#parsed.get(path)
  }

  /** @param {string} path */
  #parse(path) {
    if (!this.has(path)) {
      this.report(path, 'missing')
      return {}
    }
    try {
      return path.endsWith('.json') ? JSON.parse(this.text(path)) : json5.parse(this.text(path))
    } catch (error) {
      this.report(path, `cannot be read: ${error instanceof Error ? error.message : error}`)
      return {}
    }
  }
}

/**
 * What is wrong with the project in a folder.
 * @param {string} root
 * @returns {string[]}
 */
export function checkProject(root) {
  const project = new Project(root)
  const present = Object.entries(optionalFiles).filter(([path]) => project.has(path))
  for (const [path, rule] of [...Object.entries(requiredFiles), ...present]) {
    const before = project.findings.length
    const value = project.data(path)
    if (project.findings.length > before) continue
    for (const text of differences(value, rule)) project.report(path, text)
  }
  for (const fact of facts) {
    try {
      fact(project)
    } catch (error) {
      // A file of the wrong form was reported above; a fact that stumbles over it has no more to say.
      if (project.findings.length === 0) throw error
    }
  }
  return project.findings
}

function main() {
  const findings = checkProject(resolve(process.argv[2] ?? repository))
  for (const finding of findings) console.log(finding)
  const files = Object.keys(requiredFiles).length
  console.log(`${files} project files checked with what they name, ${findings.length} findings`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
