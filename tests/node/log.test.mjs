// The log that a host gets without asking for one: hilog in the library built for HarmonyOS, standard error elsewhere.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { child, onHarmony } from './support.mjs'

/** How a line of the mini-program `demo` begins. hilog's stand-in prints what hilog would be given. */
const heads =
  onHarmony
    ? { info: 'hilog I 0f1a9/finapp: demo: ', warn: 'hilog W 0f1a9/finapp: demo: ', error: 'hilog E 0f1a9/finapp: demo: ' }
    : { info: 'info  demo: ', warn: 'warn  demo: ', error: 'error demo: ' }

test('f_p07_hostile_text_reaches_the_platforms_log_as_it_is_line_by_line', async () => {
  const { code, signal, errors } = await child('logs.mjs')
  assert.equal(signal, null, errors)
  assert.equal(code, 0, errors)
  const lines = errors.split('\n')
  for (const line of [
    `${heads.info}%s%n%d%x%99999s`,
    `${heads.info}%{public}s %{private}s 100%`,
    `${heads.warn}a\\u{0}b c\\nhilog E 00000/forged: d`,
    // A lone surrogate has no bytes of its own.
    `${heads.error}\u{fffd}\u{fffd}\u{fffd} \u{10ffff}`,
  ]) {
    assert.ok(lines.includes(line), `${JSON.stringify(line)} in ${errors}`)
  }
  const long = lines.find((line) => line.startsWith(`${heads.info}\u4e2d`)) ?? ''
  const characters = long.slice(heads.info.length)
  assert.match(characters, /^\u4e2d+$/u, 'cut on the border of a character')
  assert.ok(characters.length > 1_000 && characters.length < 1_400, `${characters.length} characters`)
  assert.ok(!lines.some((line) => line.startsWith('hilog E 00000/forged')), errors)
})
