// The runner of the ArkTS suites can fail: each suite below fixtures/suites goes wrong in one way, and the runner says
// which.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { filesBelow, root } from './sources.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** @type {Record<string, { says: RegExp[], fails: boolean, arguments?: string[] }>} */
const outcomes = {
  passing: { says: [/^Tests run: 3, Failure: 0, Error: 0$/m], fails: false },
  failing: {
    says: [
      /^FAILED failing: fails$/m,
      /expect 1 equals 2/,
      /failing\.test\.ets:10/,
      /^Tests run: 2, Failure: 1, Error: 0$/m,
    ],
    fails: true,
  },
  throwing: { says: [/^ERROR throwing: throws$/m, /^Tests run: 1, Failure: 0, Error: 1$/m], fails: true },
  throwing_nothing: { says: [/^ERROR throwing_nothing: /m, /^Tests run: 1, Failure: 0, Error: 1$/m], fails: true },
  failing_after_all: { says: [/thrown behind the tests/, /^Tests run: 1, Failure: 0, Error: 1$/m], fails: true },
  empty: { says: [/^no test was run$/m, /^Tests run: 0, /m], fails: true },
  stray_rejection: { says: [/rejected behind a test/, /^Tests run: 1, Failure: 0, Error: 1$/m], fails: true },
  broken_set_up: { says: [/the process ended before the tests did/], fails: true },
  // The only one that is waited for; a slow machine makes it slower and not wrong.
  endless: {
    says: [/no progress for too long: endless: never comes back/],
    fails: true,
    arguments: ['--patience', '3'],
  },
  unknown_kit: { says: [/no stand-in for @kit\.DriverDevelopmentKit: write tests\/arkts\/kits\//], fails: true },
  taking_a_view: { says: [/Frame of tests\/arkts\/fixtures\/suites\/view\/Frame\.ets is a component/], fails: true },
}

for (const [name, { says, fails, arguments: more = [] }] of Object.entries(outcomes)) {
  test(`f_p05_a_suite_ends_as_it_should: ${name}`, () => {
    const run = runSuite(`tests/arkts/fixtures/suites/${name}.test.ets`, more)
    for (const text of says) assert.match(run.output, text)
    assert.equal(run.status !== 0, fails, run.output)
  })
}

test('f_p05_every_suite_of_the_fixtures_is_run', () => {
  const suites = filesBelow(join(here, 'fixtures/suites'), '.test.ets')
  assert.equal(suites.length, Object.keys(outcomes).length)
})

test('f_p05_a_suite_that_is_not_there_is_no_success', () => {
  assert.notEqual(runSuite('tests/arkts/fixtures/suites/not_there.test.ets').status, 0)
})

/**
 * @param {string} suite
 * @param {string[]} [more]
 */
function runSuite(suite, more = []) {
  const run = spawnSync(process.execPath, [join(here, 'hypium.mjs'), ...more, suite], { cwd: root, encoding: 'utf8' })
  return { status: run.status, output: run.stdout + run.stderr }
}
