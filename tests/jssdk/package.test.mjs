// What is shipped: the npm package, its declarations and its README, and that script and module are one.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { esModule, folder, script } from './built.mjs'
import { FakeHost } from './fake_host.mjs'
import { VmPage } from './vm_page.mjs'

const read = (/** @type {string} */ file) => readFileSync(join(folder, file), 'utf8')

/** Every function of the library, as a page writes it behind `ft.`. @type {string[]} */
const functions = new VmPage(new FakeHost())
  .run(
    `
  Object.keys(ft).flatMap((name) => (name === 'miniProgram' ? Object.keys(ft.miniProgram).map((each) => name + '.' + each) : [name])).join()
`,
  )
  .split(',')

test('f_j40_the_npm_package_has_the_files_that_it_names_and_no_others', () => {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: folder, encoding: 'utf8' }),
  )
  assert.equal(packed.name, '@finapp/jssdk')
  const files = packed.files.map((/** @type {{ path: string }} */ { path }) => path).sort()
  assert.deepEqual(files, ['README.md', 'jssdk.d.ts', 'jssdk.js', 'jssdk.mjs', 'package.json'])
})

test('f_j40_script_and_module_are_the_same_code', () => {
  const lines = (/** @type {string} */ text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
  const inFunction = lines(script).filter((line) => line !== ';(() => {' && line !== "'use strict'" && line !== '})()')
  assert.deepEqual(lines(esModule), [...inFunction, 'export { ft }', 'export default ft'])
})

test('f_j40_what_ships_reads_as_it_was_written', () => {
  assert.ok(script.split('\n').every((line) => line.length <= 124))
  assert.match(script, /^\/\/ finapp JSSDK \d+\.\d+\.\d+: /)
  assert.doesNotMatch(script, /\beval\(|new Function\(/)
})

test('f_j40_the_module_loads_where_there_is_no_browser', () => {
  const code = `import ft from ${JSON.stringify(join(folder, 'jssdk.mjs'))}
    console.log(JSON.stringify(await ft.miniProgram.getEnv()))`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', code], { encoding: 'utf8' })
  assert.deepEqual(JSON.parse(said), { env: {}, version: '1.4.20', errMsg: 'getEnv:ok' })
})

test('f_j40_the_version_is_that_of_the_project', () => {
  const [, version] = /** @type {RegExpMatchArray} */ (
    readFileSync(join(import.meta.dirname, '../../Cargo.toml'), 'utf8').match(/^version = "(.*)"$/m)
  )
  assert.equal(JSON.parse(read('package.json')).version, version)
})

test('f_j40_every_function_is_declared_and_described', () => {
  assert.equal(functions.length, 41)
  const declarations = read('jssdk.d.ts')
  const readme = read('README.md')
  for (const name of functions) {
    const last = name.split('.').at(-1)
    assert.match(declarations, new RegExp(`^  ${last}[(:]`, 'm'), `${name} is declared`)
    assert.ok(
      readme.includes(`\`${name}\``) || readme.includes(`\`${name}(`) || readme.includes(`\`ft.${name}\``),
      `${name} is described`,
    )
  }
})
