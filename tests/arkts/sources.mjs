// Where the ArkTS code of the project lies.

import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

const modules = ['finapp', 'entry']
// Written by tools, not by hand.
const skipped = new Set(['oh_modules', 'node_modules', 'build', 'libs', '.preview', '.cxx', '.test'])

/**
 * The files of the HAR and of the demo app whose names end in `extension`.
 * @param {string} extension
 */
export function projectFiles(extension) {
  return modules.flatMap((name) => filesBelow(join(root, name), extension)).sort()
}

/**
 * The files below a folder whose names end in `extension`; none when there is no such folder.
 * @param {string} folder
 * @param {string} extension
 * @returns {string[]}
 */
export function filesBelow(folder, extension) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path, extension)
    return entry.name.endsWith(extension) ? [path] : []
  })
}

/**
 * A path as people write it: below the root, with `/`.
 * @param {string} path
 */
export function shown(path) {
  return relative(root, path).split(sep).join('/')
}
