// Which build of the library these suites have run against.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hosted, modulePath, native, onHarmony } from './support.mjs'

/** The shared libraries of this process. */
function loaded() {
  const report = /** @type {{ sharedObjects: string[] }} */ (process.report.getReport())
  return report.sharedObjects
}

test(
  'f_p04_the_suites_run_the_library_that_was_built_for_this_c_library',
  hosted(async (host) => {
    assert.deepEqual(await host.run('ft.report({ runs: 1 + 1 })'), { runs: 2 })
    assert.ok(native.FinAppClient)
    const libraries = loaded()
    assert.ok(libraries.includes(modulePath), `${modulePath} in ${libraries}`)
    assert.equal(libraries.some((path) => path.endsWith('/libace_napi.z.so')), onHarmony, libraries.join('\n'))
    assert.equal(libraries.some((path) => path.endsWith('/libc.so.6')), !onHarmony, libraries.join('\n'))
  }),
)
