// `FinAppErrorCode`: the table of numbers as the host finds it in the module.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { codes, native } from './support.mjs'

/** Name and number of each row in the core's table: `NotFound, "E_NOT_FOUND", 20006, "…";` */
function table() {
  const source = readFileSync(new URL('../../crates/core/src/error.rs', import.meta.url), 'utf8')
  const rows = [...source.matchAll(/^ {4}(\w+), "(E_\w+)", (\d+), /gm)]
  return rows.map(([, name, code, number]) => ({ name: String(name), code: String(code), number: Number(number) }))
}

/** The object in the module; TypeScript keeps the whole of a const enum out of reach. */
const { FinAppErrorCode } = /** @type {{ FinAppErrorCode: Record<string, number> }} */ (/** @type {any} */ (native))

test('f_h16_the_module_has_every_number_of_the_table_by_its_name', () => {
  const names = Object.getOwnPropertyNames(FinAppErrorCode)
  const found = Object.fromEntries(names.map((name) => [name, FinAppErrorCode[name]]))
  assert.deepEqual(found, Object.fromEntries(table().map(({ name, number }) => [name, number])))
})

test('f_h16_the_numbers_that_these_tests_expect_are_those_of_the_table', () => {
  const numbers = Object.fromEntries(table().map(({ code, number }) => [code, number]))
  for (const { codeName, code } of Object.values(codes)) assert.equal(code, numbers[codeName], codeName)
})
