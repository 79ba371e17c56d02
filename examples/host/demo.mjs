// A Node host in the place of an ArkTS app: answers the custom APIs that examples/hello declares, runs it, sends it
// events, and prints one line a step with the time it took. Ends with 0 when every step went well, with 1 otherwise.
//
// FINAPP_MODULE=<path of finapp.node> node examples/host/demo.mjs [folder or zip]

import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'

/** @typedef {typeof import('../../finapp/types/libfinapp/index.js')} Exports */
/** @typedef {{ step: string, ok: boolean, problem: string, detail?: string }} Step what the mini-program tells of a step */

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const modulePath = resolve(process.env.FINAPP_MODULE ?? `${root}/target/release/finapp.node`)
const offlineLibraryPath = resolve(process.argv[2] ?? `${root}/examples/hello`)
const { FinAppClient } = /** @type {Exports} */ (createRequire(import.meta.url)(modulePath))

/** The steps before the events, in the order in which they must come. */
const beforeEvents = [
  'asynchronous', 'synchronous', 'progress', 'failing', 'binary', 'nativePlugin', 'unknown', 'builtIn', 'listening',
]
/** How long the host waits for the next step before it calls the run a failure. */
const PATIENCE = 20_000

let failed = 0
let since = process.hrtime.bigint()

/**
 * Prints one step with the time since the last.
 * @param {string} step
 * @param {string} problem empty when all is well
 * @param {string} detail
 */
function line(step, problem, detail) {
  const took = Number(process.hrtime.bigint() - since) / 1e6
  const verdict = problem === '' ? 'ok' : 'WRONG'
  console.log(`${verdict.padEnd(5)} ${step.padEnd(14)} ${took.toFixed(3).padStart(9)} ms  ${problem || detail}`)
  if (problem !== '') failed++
  since = process.hrtime.bigint()
}

/**
 * A wrong value is a wrong step, wherever it shows.
 * @param {string} what
 * @param {unknown} got
 * @param {unknown} wanted
 */
function check(what, got, wanted) {
  if (!isDeepStrictEqual(got, wanted)) line(what, `expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`, '')
}

const client = FinAppClient.init({
  host: { appId: 'com.example.host' },
  // Explains refusals in the log, which goes to this function instead of hilog or standard error.
  debug: true,
  log: (level, tag, text) => console.log(`      ${level} ${tag}: ${text}`),
})

// Asynchronous: answered through the callback, at once here, at any time in general.
client.registerCustomApi('greet', ({ params, callback, extInfo }) => {
  check('greet.extInfo', [extInfo.appId, extInfo.name, extInfo.source, extInfo.sync], ['hello', 'greet', 'miniprogram', false])
  setImmediate(() => callback.onSuccess({ greeting: `hello ${params.name}` }))
})

// Synchronous: the mini-program gets the value as the return value.
client.registerSyncApi('deviceId', () => ({ id: 'd-9' }))

// Progress: any number of states, then exactly one end.
client.registerCustomApi('download', async ({ params, callback }) => {
  for (const percent of [25, 50, 100]) check('download.progress', callback.onProgress({ percent }), true)
  return { path: `/${String(params.url).split('/').at(-1)}` }
})

// Failing: what the host says reaches `fail` with every member.
client.registerCustomApi('pay', ({ params, callback }) => {
  check('pay.params', params, { amount: 3 })
  callback.onFail({ code: 402, errMsg: 'no funds' })
})

// Binary: bytes travel beside the text, without base64.
client.registerCustomApi('invert', ({ params }) => {
  const { pixels } = /** @type {{ pixels: Uint8Array }} */ (params.picture)
  check('invert.params', [...pixels], [0, 1, 254, 255])
  return { pixels: pixels.map((byte) => ~byte) }
})

/** @type {Step[]} */
const steps = []
let arrived = () => {}
client.registerCustomApi('report', ({ params, callback }) => {
  steps.push(/** @type {Step} */ (/** @type {unknown} */ (params)))
  arrived()
  callback.onSuccess()
})

/** Prints the next step, which must be the one named. @param {string} name */
async function expect(name) {
  if (steps.length === 0) {
    await new Promise((done, late) => {
      const timer = setTimeout(() => late(new Error(`no step ${name} in time`)), PATIENCE)
      arrived = () => {
        clearTimeout(timer)
        done(undefined)
      }
    })
  }
  const { step, problem, detail = '' } = /** @type {Step} */ (steps.shift())
  line(step, problem || (step === name ? '' : `expected the step ${name}`), detail)
}

/** Runs the mini-program through all its steps. */
async function run() {
  const applet = await client.startApplet({ appId: 'hello', offlineLibraryPath })
  line('started', '', applet.appId)
  for (const name of beforeEvents) await expect(name)

  client.sendCustomEvent('hello', { from: 'host', greeting: 'good morning' })
  await expect('event')
  // The body of a named event carries the name; listeners of all events hear it after its own.
  client.sendCustomEventToAll({ from: 'host', name: 'orderPaid', data: { order: 7 } })
  await expect('namedEvent')
  await expect('event')

  const { calls, refused, lateAnswers } = applet.counters()
  const closed = new Promise((done) => client.setLifeCycleListener(({ type }) => type === 'closed' && done(type)))
  applet.close()
  await closed
  line('closed', lateAnswers === 0 ? '' : `${lateAnswers} answers were late`, `${calls} calls answered, ${refused} refused`)
  await client.shutdown()
  line('shut down', '', 'nothing is left running')
}

try {
  await run()
} catch (error) {
  line('failed', error instanceof Error ? error.message : String(error), '')
  await client.shutdown()
}
if (failed > 0) console.error(`${failed} steps went wrong`)
process.exitCode = failed === 0 ? 0 : 1
