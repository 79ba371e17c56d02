// Runs hypium suites in Node against the real native module, the same files that a device runs.
// Usage: [FINAPP_MODULE=...] node tests/arkts/hypium.mjs [--patience SECONDS] [SUITE]

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { startDeadline } from './deadline.mjs'
import { installLoader } from './loader.mjs'
import { Report } from './report.mjs'
import { root, shown } from './sources.mjs'

// How long one test may take, and how long nothing may happen. Generous: under an emulator all is ten times slower.
const TEST_TIMEOUT = 60_000
const PATIENCE_SECONDS = '300'

const { values, positionals } = parseArgs({
  options: { patience: { type: 'string', default: PATIENCE_SECONDS } },
  allowPositionals: true,
})
const suite = resolve(positionals[0] ?? join(root, 'finapp/src/ohosTest/ets/test/List.test.ets'))
const modulePath = resolve(process.env.FINAPP_MODULE ?? join(root, 'target/test/finapp.node'))
for (const file of [suite, modulePath]) {
  if (!existsSync(file)) {
    console.error(`no such file: ${shown(file)}`)
    process.exit(2)
  }
}

const onProgress = startDeadline(Number(values.patience) * 1000)
installLoader(modulePath)
const require = createRequire(import.meta.url)

/** @type {{ default: () => void }} */
const { default: declareTests } = require(suite)
// Its declarations name no Core, through which alone a listener comes in.
const { Core, Hypium } = /** @type {any} */ (require('@ohos/hypium'))
const core = Core.getInstance()

/** @type {Report | undefined} */
let report
let finished = false

process.on('unhandledRejection', (error) => stray('a promise that nobody awaits', error))
process.on('uncaughtException', (error) => stray('a callback', error))
process.on('exit', () => {
  if (finished) return
  // Nothing is left to wait for, and the tests have not ended: one of them awaits what never comes.
  console.error('the process ended before the tests did')
  process.exitCode = 1
})

// The delegator is how hypium speaks to the system; the end is all that we take from it.
const delegator = { print: () => {}, printSync: () => {}, finishTest: finish }
Hypium.hypiumTest(delegator, { parameters: { timeout: String(TEST_TIMEOUT) } }, () => {
  const services = { suites: core.getDefaultService('suite'), specs: core.getDefaultService('spec') }
  report = new Report(services, onProgress)
  // hypium's other way of running is broken, and it takes that way when nothing was declared.
  core.getDefaultService('config').setSupportAsync(true)
  for (const kind of ['task', 'suite', 'spec']) core.subscribeEvent(kind, report)
  declareTests()
})

function finish() {
  // Node tells of a rejection that nobody took only when the turn is over.
  setImmediate(() => {
    finished = true
    process.exit(report?.sum() ? 0 : 1)
  })
}

/**
 * @param {string} where
 * @param {unknown} error
 */
function stray(where, error) {
  if (report) return report.addError(where, error)
  console.error(error)
  finished = true
  process.exit(1)
}
