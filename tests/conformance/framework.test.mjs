// The component framework's own tests, as its packages on npm carry them, in the engine: each file is a mini-program. They
// are the framework's sources as the layer is made of them, but with all kinds of backends. Most tests want a document,
// so there is one that is drawn nowhere; `tests/types` is for a compiler and says nothing when it runs.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { compilerOptions, frameworkSources } from '../../crates/core/src/components/sources.mjs'
import { hosted } from '../node/support.mjs'
import { PATIENT, installed, start } from './program.mjs'

const load = createRequire(join(installed, 'package.json'))
/** @type {any} */
const { build } = load('esbuild')
/** @type {any} */
const { TmplGroup } = load('glass-easel-template-compiler')

const here = join(import.meta.dirname, 'framework')
const framework = join(installed, 'glass-easel/src')

/** All kinds of backends, since the tests have one of each. */
const CONSTANTS = { 'ENV.DEV': 'true', 'BM.DYNAMIC': 'true', 'BM.SHADOW': 'false', 'BM.COMPOSED': 'false', 'BM.DOMLIKE': 'false' }

const sources = { ...frameworkSources(framework, CONSTANTS) }

const compiler = {
  name: 'compiler',
  setup(/** @type {any} */ { onResolve }) {
    onResolve({ filter: /^glass-easel-template-compiler$/ }, () => ({ path: join(here, 'compiler.mjs') }))
  },
}

/** The document's own tables are written in base64, which it reads while it loads. */
const ATOB = `globalThis.atob = (text) => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let [bits, held, made] = [0, 0, '']
  for (const digit of text.replace(/=+$/, '')) {
    held = (held << 6 | digits.indexOf(digit)) & 0xfffff
    if ((bits += 6) >= 8) made += String.fromCharCode(held >> (bits -= 8) & 255)
  }
  return made
}`

/** A suite with all that it needs, as the text of one script. @param {string} file */
const bundled = async (file) => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { run } from ${JSON.stringify(join(here, 'surroundings.mjs'))}
        import ${JSON.stringify(file)}
        export { run }`,
      resolveDir: here,
    },
    bundle: true,
    format: 'iife',
    globalName: 'suite',
    platform: 'browser',
    target: 'es2023',
    legalComments: 'none',
    tsconfigRaw: { compilerOptions },
    nodePaths: [installed],
    inject: [join(here, 'surroundings.mjs')],
    define: { 'process.env.NODE_ENV': '"test"' },
    plugins: [sources, compiler],
    logLevel: 'warning',
    write: false,
  })
  return outputFiles[0].text
}

/** @param {any} asked */
const compile = ({ params: { dev, parts } }) => {
  const group = dev ? TmplGroup.newDev() : new TmplGroup()
  for (const { path, text, isScript } of parts) {
    if (isScript) group.addScript(path, text)
    else group.addTmpl(path, text)
  }
  const compiled = group.getTmplGenObjectGroups()
  group.free()
  return { compiled }
}

/** Rows that fail, and why. Each has to: what passes after all is taken out here. @type {Record<string, Record<string, string[]>>} */
const APART = {
  'data is copied as it would be as text: no circles, and a symbol stays what it is': {
    'glass-easel/tests/core/misc.test.ts': [
      'deep copy > simple deep copy',
      'deep copy > deep copy with object recursion',
      'deep copy > deep copy with array recursion',
    ],
    'glass-easel/tests/core/slot.test.ts': ['DOM', 'shadow', 'composed'].map((kind) =>
      `slot (${kind} backend) > dynamic slot > tmpl > should support different deep copy strategies`),
    'glass-easel/tests/legacy/data_proxy.test.js': [
      'DataProxy > should support recursive data fields',
      'DataProxy > should support recursive property fields',
    ],
  },
  'it assigns to a variable that nobody declares, and scripts are strict here': {
    'glass-easel/tests/legacy/data_proxy.test.js': ['DataProxy > should not copy when property passing if options specified'],
  },
  'it reads what a browser writes, and the stand-in for a document writes or keeps it in another way': {
    'glass-easel/tests/backend/domlike.test.ts': ['domlike backend > events > tap event'],
    'glass-easel/tests/legacy/component.test.js': ['Component (DOM backend) > #classList > should support external classes'],
    'glass-easel/tests/legacy/event.test.js': [
      'Events > #addListenerToElement > should attach listeners to native-rendering elements',
    ],
    'glass-easel/tests/tmpl/lvalue.test.ts': [
      'model value binding > model value binding on native node (DOM input)',
      'model value binding > model value binding on native node (DOM checkbox)',
    ],
    'glass-easel/tests/tmpl/native_rendering.test.ts': ['native rendering mode > basic tree building'],
    'glass-easel/tests/tmpl/structure.test.ts': ['tag name cases', 'attribute name cases', 'attribute types',
      'setting native node attr', 'setting array as classNames'].map((row) => `node tree structure (DOM backend) > ${row}`),
  },
}

/** @param {string} suite */
const apartOf = (suite) => Object.values(APART).flatMap((rows) => rows[suite] ?? []).sort()

const suites = [
  ...['core', 'legacy', 'tmpl', 'backend'].map((part) => `glass-easel/tests/${part}`),
  'glass-easel-miniprogram-adapter/tests',
].flatMap((folder) => readdirSync(join(installed, folder))
  .filter((name) => /\.test\.[jt]s$/.test(name))
  .map((name) => `${folder}/${name}`))

test('f_m12_the_packages_carry_the_tests_that_are_run', () => assert.equal(suites.length, 40))

for (const suite of suites) {
  test(`f_m12_own_tests_of_the_framework_${suite.replace(/\/tests|\.test\.[jt]s/g, '').replace(/[^a-z]+/g, '_')}`, hosted(async (host) => {
    host.client.registerSyncApi('compile', compile)
    const text = await bundled(join(installed, suite))
    await start(host, [], {
      'FinClipConf.js': `module.exports = { extApi: [{ name: 'report' }, { name: 'compile', sync: true }] }`,
      'pages/main/main.wxml': '<view/>',
      'pages/main/main.js': 'Page({})',
      'app.js': `${ATOB}
        ${text}
        App({})
        suite.run().then((ends) => ft.report(ends), (error) => ft.report({ all: String(error) + error.stack }))`,
    })
    const ends = await host.reported()
    const failed = Object.entries(ends).filter(([, failed]) => failed !== null)
    assert.deepEqual(failed.map(([name]) => name).sort(), apartOf(suite), failed.map((row) => row.join(': ')).join('\n'))
    assert.ok(Object.keys(ends).length > failed.length, 'some passed')
  }, PATIENT))
}
