// A host in Node: registers custom APIs, starts examples/hello, which calls them all, sends it events, and prints one
// line a step with its latency. Ends with 0, or with 1 when any step went wrong.
//   node examples/host/demo.mjs [path of the native module]

import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const native = createRequire(import.meta.url)(process.argv[2] ?? here('../../target/finapp.node'))

/** Steps that the mini-program must report, in the order in which they happen. */
const EXPECTED = [
  'asynchronous', 'synchronous', 'progress', 'failing', 'binary', 'nativePlugin', 'unknown', 'builtIn', 'listening',
  'event', 'namedEvent',
]
const PATIENCE_MS = 20_000

const began = performance.now()
let last = began
let failed = 0

/** @param {string} who @param {string} what */
const line = (who, what) => {
  const now = performance.now()
  console.log(`${(now - began).toFixed(1).padStart(7)} ms  ${who.padEnd(9)} ${what}  (+${(now - last).toFixed(2)} ms)`)
  last = now
}

const client = native.FinAppClient.init({ currentUserId: 'demo', host: { appId: 'org.finapp.demo', version: '1.0.0' } })
line('host', 'FinAppClient.init')

client.registerCustomApi('greet', (args) => {
  line('host', `greet(${JSON.stringify(args.params)}) from ${args.extInfo.appId}`)
  return { greeting: `hello ${args.params.name}` }
})
client.registerSyncApi('deviceId', () => ({ id: 'd-9' }))
client.registerCustomApi('download', async (args) => {
  for (const percent of [25, 50, 100]) {
    args.callback.onProgress({ percent })
    await new Promise((done) => setImmediate(done))
  }
  args.callback.onSuccess({ path: '/manual.pdf' })
})
client.registerCustomApi('pay', (args) => args.callback.onFail({ code: 402, errMsg: 'no funds' }))
client.registerCustomApi('invert', (args) => {
  const pixels = /** @type {Uint8Array} */ (args.params.picture.pixels)
  args.callback.onSuccess({ pixels: pixels.map((value) => 255 - value) })
})

const finished = new Promise((done, giveUp) => {
  setTimeout(() => giveUp(new Error('the mini-program did not report every step in time')), PATIENCE_MS).unref()
  const open = [...EXPECTED]
  client.registerCustomApi('report', (args) => {
    const { step, ok, problem, detail } = args.params
    const expected = open.shift()
    const verdict = ok && step === expected
    if (!verdict) failed += 1
    line('mini-app', `${verdict ? 'ok  ' : 'FAIL'} ${step}: ${verdict ? detail : problem || `expected ${expected}`}`)
    args.callback.onSuccess()
    if (step === 'listening') {
      client.sendCustomEvent('hello', { from: 'host' })
      client.sendCustomEvent('hello', { name: 'orderPaid', from: 'host', data: { order: 7 } })
      line('host', 'sent two events')
      // The named event also reaches the plain listener: after the named one.
      open.push('event')
    }
    if (open.length === 0) done(undefined)
  })
})

client.setLifeCycleListener((event) => line('host', `${event.type} ${event.appId}${event.message ? `: ${event.message}` : ''}`))

try {
  await client.startApplet({ appId: 'hello', offlineLibraryPath: here('../hello') })
  await finished
  const counters = client.counters('hello')
  line('host', `calls ${counters.calls}, succeeded ${counters.succeeded}, failed ${counters.failed}, events ${counters.events}`)
} catch (error) {
  failed += 1
  line('host', `FAIL ${error instanceof Error ? error.message : String(error)}`)
}
await client.shutdown()
line('host', failed === 0 ? 'done: every step as expected' : `done: ${failed} steps went wrong`)
process.exitCode = failed === 0 ? 0 : 1
