// Formats ArkTS files, or names those that are not formatted.
// Usage: node tests/arkts/format.mjs [--write] [FILES...]    without files: all .ets of finapp/ and entry/

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, resolve } from 'node:path'
import { projectFiles, shown } from './sources.mjs'

// A native library, and so needed by no other script: the suites also run where it does not load. It is taken without
// the package around it, which names builds for other systems that were never published, so that npm cannot install it
// from a lock file.
/** @type {{ format: (name: string, text: string, style: object) => Promise<{ code: string, errors: unknown[] }> }} */
const { format } = createRequire(import.meta.url)('@ohos-rs/oxk-linux-x64-gnu')

// A quoted key stays quoted: in a literal of a Record, ArkTS takes no other.
const style = { singleQuote: true, printWidth: 120, semi: false, quoteProps: 'preserve', trailingComma: 'all' }

const words = process.argv.slice(2)
const write = words.includes('--write')
const named = words.filter((word) => word !== '--write')
const files = named.length > 0 ? named.map((file) => resolve(file)) : projectFiles('.ets')

let differing = 0
for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const { code, errors } = await format(basename(file), text, style)
  if (errors.length > 0) {
    console.log(`${shown(file)}: ${JSON.stringify(errors)}`)
    differing += 1
  } else if (code !== text) {
    console.log(`${write ? 'formatted' : 'not formatted'}: ${shown(file)}`)
    if (write) writeFileSync(file, code)
    else differing += 1
  }
}
if (differing > 0) console.log('run: node tests/arkts/format.mjs --write')
if (files.length === 0) console.error('no .ets file found')
process.exitCode = files.length === 0 || differing > 0 ? 1 : 0
