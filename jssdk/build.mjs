// Makes `jssdk.js`, a classic script, and `jssdk.mjs`, an ES module, from the modules in `src`: one after the other,
// each after those that it imports, in one scope. Nothing is rewritten, so what ships reads as it was written. Usage:
// node jssdk/build.mjs [folder]

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const here = import.meta.dirname
const output = resolve(process.argv[2] ?? join(here, '../target/jssdk'))
const IMPORT = /^import \{[^}]*\} from '\.\/([\w.]+)'\n/gm
const DECLARATION = /^(?:export )?(?:async )?(?:function|const|let|class) (?:(\w+)|\{([^}]*)\})/gm

/** @type {Map<string, string>} the text of each module, in the order in which they come */
const modules = new Map()
/** @type {Set<string>} */
const names = new Set()

/** @param {string} file @param {string[]} above */
const add = (file, above) => {
  if (above.includes(file)) throw new Error(`a circle of imports: ${[...above, file].join(', ')}`)
  if (modules.has(file)) return
  const text = readFileSync(join(here, 'src', file), 'utf8')
  for (const [, imported] of text.matchAll(IMPORT)) add(/** @type {string} */ (imported), [...above, file])
  const rest = text.replace(IMPORT, '')
  for (const [, name, several] of rest.matchAll(DECLARATION)) {
    for (const declared of name ? [name] : (several ?? '').split(',').map((part) => part.split(':').pop()?.trim())) {
      if (declared === undefined || names.has(declared)) throw new Error(`${file}: ${declared} is declared twice`)
      names.add(declared)
    }
  }
  modules.set(file, rest.replace(/^export (?=(?:async )?(?:function|const|let|class) )/gm, '').trim())
  if (/^(?:import|export)\b/m.test(modules.get(file) ?? ''))
    throw new Error(`${file}: a form of import or export not known here`)
}

add('install.js', [])

const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const head =
  `// finapp JSSDK ${version}: what a web page in a mini-program's web-view calls the app with, as \`ft\`.\n` +
  '// MIT OR Apache-2.0. The functions are described in README.md, their types in jssdk.d.ts.\n'
const body = [...modules].map(([file, text]) => `// ---- ${file} ----\n\n${text}\n`).join('\n')
const inFunction = body.replace(/^(?=.)/gm, '  ')

mkdirSync(output, { recursive: true })
writeFileSync(join(output, 'jssdk.js'), `${head}\n;(() => {\n  'use strict'\n\n${inFunction}})()\n`)
writeFileSync(join(output, 'jssdk.mjs'), `${head}\n${body}\nexport { ft }\nexport default ft\n`)
for (const file of ['jssdk.d.ts', 'package.json', 'README.md']) copyFileSync(join(here, file), join(output, file))
