// The host port under faults: a full queue, listeners that throw, environments that end with work pending.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { child, codes, Host, hosted, modulePath, native, within } from './support.mjs'

test(
  'h_c23_a_full_queue_fails_calls_with_a_code_and_takes_others_again',
  hosted(
    async (host) => {
      const { client } = host
      let answered = 0
      client.registerCustomApi('scan', () => ({ n: ++answered }))
      // The host's thread is busy until the mini-program has made all its calls: nothing is drained meanwhile.
      client.registerCustomApi('gate', () => {
        while (client.counters('demo').calls < 6_001);
        return {}
      })
      const seen = await host.run(
        `let ok = 0, busy = 0, other = 0, left = 6000
         const done = () => { if (--left === 0) ft.report({ ok, busy, other }) }
         ft.gate({ success() {} })
         for (let n = 0; n < 6000; n++) {
           ft.scan({ success() { ok++ }, fail(res) { if (res.errCode === ${codes.E_BUSY.code}) busy++; else other++ }, complete: done })
         }`,
        ['gate', 'scan'],
      )
      assert.equal(seen.other, 0)
      assert.ok(seen.busy > 0, 'the queue has a cap')
      assert.ok(seen.ok > 4_000, 'which is not smaller than said')
      assert.equal(seen.ok + seen.busy, 6_000)
      assert.equal(seen.ok, answered)
    },
    { limits: { callsInFlight: 10_000, callsInFlightTotal: 10_000, turnForegroundMs: 60_000 } },
  ),
)

test(
  'h_c23_what_a_listener_throws_is_logged_and_nothing_else',
  hosted(async (host) => {
    host.client.setLifeCycleListener((event) => {
      host.events.put(event)
      throw new Error('a listener of the host')
    })
    await host.open('ft.report({})')
    await host.reported()
    await host.event('opened')
    host.client.closeApplet('demo')
    await host.event('closed')
    assert.deepEqual(await host.run('ft.report({ fine: true })'), { fine: true })
    assert.ok(host.lines.some(({ line }) => line.includes('a listener of the host')))
    host.client.setLifeCycleListener(undefined)
  }),
)

for (const how of ['exit', 'exit-in-handler', 'exit-in-sync-handler', 'exit-while-starting', 'uncaught', 'shutdown']) {
  test(`h_c24_the_process_ends_cleanly_with_calls_open_${how.replaceAll('-', '_')}`, async () => {
    for (let round = 0; round < 3; round++) {
      const { code, signal, output, errors } = await child('pending.mjs', how)
      assert.equal(signal, null, errors)
      assert.equal(code, how === 'uncaught' ? 7 : 0, errors)
      assert.match(output, /open: 1000/)
    }
  })
}

for (const how of ['exit', 'terminate']) {
  test(`h_c24_a_worker_ends_with_a_thousand_calls_open_by_${how}`, async () => {
    const threads = () => readdirSync('/proc/self/task').length
    /** @type {number | undefined} */
    let before
    for (let round = 0; round < 4; round++) {
      const worker = new Worker(new URL('./children/pending_worker.mjs', import.meta.url), { workerData: { modulePath, how } })
      /** @type {Promise<number>} */
      const ended = new Promise((done) => worker.once('exit', done))
      await within(new Promise((done, failed) => worker.once('message', done).once('error', failed)), 'the calls of the worker')
      if (how === 'terminate') await worker.terminate()
      else worker.postMessage('go')
      assert.equal(await within(ended, 'the end of the worker'), how === 'terminate' ? 1 : 0)
      // The first round warms up what Node keeps for workers.
      if (before === undefined) before = threads()
    }
    // A thread that has ended may still be on its way out of the process's list.
    const deadline = Date.now() + 60_000
    while (threads() > Number(before) && Date.now() < deadline) await new Promise((done) => setImmediate(done))
    assert.ok(threads() <= Number(before), 'no thread of ours is left')
    const host = new Host()
    assert.deepEqual(await host.run('ft.report({ alive: true })'), { alive: true })
    await host.end()
  })
}

test('h_c25_the_end_of_a_client_may_come_twice_and_in_any_order', async () => {
  const { code, signal, output, errors } = await child('ends_twice.mjs')
  assert.equal(signal, null, errors)
  assert.equal(code, 0, errors)
  assert.match(output, /done/)
})

test('h_d7_a_shutdown_ends_a_thousand_calls_once_each', async () => {
  const host = new Host({ limits: { callsInFlight: 1_000 } })
  /** @type {Map<number, number[]>} */
  const told = new Map()
  await new Promise((done) => {
    host.client.registerCustomApi('wait', ({ extInfo }) => {
      /** @type {number[]} */
      const codesOfCall = []
      told.set(extInfo.callId, codesOfCall)
      extInfo.signal.onAbort(({ code }) => codesOfCall.push(code))
      if (told.size === 1_000) done(undefined)
    })
    host.open(`for (let n = 0; n < 1000; n++) ft.wait({})`, ['wait'])
  })
  await host.end()
  assert.equal(told.size, 1_000)
  for (const codesOfCall of told.values()) assert.deepEqual(codesOfCall, [codes.E_CLOSED.code])
  assert.equal(native.FinAppClient.getInstance(), undefined)
})
