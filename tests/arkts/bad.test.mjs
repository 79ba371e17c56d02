// The checker can fail: each file of bad/ breaks one rule and says in its first line which, and no good file is blamed.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { check, written } from './check.mjs'
import { filesBelow, root, shown } from './sources.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const bad = filesBelow(join(here, 'bad'), '.ets').sort()
const good = filesBelow(join(here, 'fixtures'), '.ets').sort()

// Together, since reading the declarations of the SDK takes most of the time.
const findings = check([...bad, ...good])

/** @param {string} file */
function found(file) {
  return findings.filter((finding) => finding.path === shown(file))
}

for (const file of bad) {
  test(`f_p05_a_bad_file_is_found: ${shown(file)}`, () => {
    const codes = /^\/\/ Finds ([\w, ]+): /.exec(readFileSync(file, 'utf8'))?.[1].split(', ')
    assert.ok(codes, 'its first line says what is found')
    const own = new Set(found(file).map((finding) => finding.code))
    assert.deepEqual([...own].sort(), codes.sort())
  })
}

test('f_p05_a_good_file_is_not_blamed', () => {
  assert.ok(good.length > 0)
  assert.deepEqual(good.flatMap(found).map(written), [])
})

test('f_p05_a_finding_names_its_place_and_the_command_fails', () => {
  const run = runCheck(['tests/arkts/bad/wrong_native_call.ets'])
  assert.equal(run.status, 1)
  assert.match(run.stdout, /^tests\/arkts\/bad\/wrong_native_call\.ets:5:22 2345 /m)
})

test('f_p05_a_check_of_nothing_fails', () => {
  assert.notEqual(runCheck(['tests/arkts/bad/not_there.ets']).status, 0)
})

/** @param {string[]} files */
function runCheck(files) {
  return spawnSync(process.execPath, [join(here, 'check.mjs'), ...files], { cwd: root, encoding: 'utf8' })
}
