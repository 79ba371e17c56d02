// The format check can fail, and what it writes it also accepts.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const script = join(dirname(fileURLToPath(import.meta.url)), 'format.mjs')
const folder = mkdtempSync(join(tmpdir(), 'finapp-format-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('f_p05_a_file_that_is_not_formatted_is_named_and_can_be_formatted', () => {
  const file = write('Point.ets', 'export class Point {\n    x : number = 0;\n}\n')
  const found = run(file)
  assert.equal(found.status, 1)
  assert.match(found.stdout, /^not formatted: .*Point\.ets$/m)
  assert.equal(run('--write', file).status, 0)
  assert.equal(readFileSync(file, 'utf8'), 'export class Point {\n  x: number = 0\n}\n')
  assert.equal(run(file).status, 0)
})

test('f_p05_a_file_that_cannot_be_parsed_is_not_written', () => {
  const text = 'export class Point {\n'
  const file = write('Broken.ets', text)
  assert.equal(run('--write', file).status, 1)
  assert.equal(readFileSync(file, 'utf8'), text)
})

/**
 * @param {string} name
 * @param {string} text
 */
function write(name, text) {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

/** @param {string[]} words */
function run(...words) {
  return spawnSync(process.execPath, [script, ...words], { encoding: 'utf8' })
}
