// Synchronous custom APIs: the mini-program waits for the host's thread, with a deadline.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted } from './support.mjs'

test(
  'f_h04_what_the_handler_returns_is_the_return_value',
  hosted(async (host) => {
    host.client.registerSyncApi('add', ({ params, extInfo }) => {
      assert.equal(extInfo.sync, true)
      return { sum: Number(params.a) + Number(params.b) }
    })
    const seen = await host.run(`ft.report(ft.add({ a: 1, b: 2 }))`, [{ name: 'add', sync: true }])
    assert.deepEqual(seen, { sum: 3, errMsg: 'add:ok' })
  }),
)

test(
  'f_h04_every_way_to_answer_works_synchronously',
  hosted(async (host) => {
    /** @type {((args: import('./support.mjs').InvokeArgs) => Object | void)[]} */
    const handlers = [
      ({ callback }) => callback.onSuccess({ by: 'callback' }),
      () => Promise.resolve({ by: 'promise' }),
      () => {},
      ({ callback }) => callback.onFail({ errMsg: 'no' }),
      () => { throw new Error('threw') },
    ]
    for (const handler of handlers.keys()) {
      host.client.registerCustomApi(`api${handler}`, /** @type {any} */ (handlers[handler]), { sync: true })
    }
    const names = handlers.map((_, index) => `api${index}`)
    const { seen } = await host.run(
      `ft.report({ seen: ${JSON.stringify(names)}.map(name => { const r = ft[name](); delete r.errCode; return r }) })`,
      names.map((name) => ({ name, sync: true })),
    )
    assert.deepEqual(seen, [
      { by: 'callback', errMsg: 'api0:ok' },
      { by: 'promise', errMsg: 'api1:ok' },
      { errMsg: 'api2:ok' },
      { errMsg: 'api3:fail no' },
      { errMsg: 'api4:fail threw' },
    ])
  }),
)

test(
  'f_h04_nobody_waits_longer_than_the_deadline',
  hosted(async (host) => {
    host.client.registerCustomApi('never', () => new Promise(() => {}), { sync: true, timeout: 20 })
    const seen = await host.run(`ft.report(ft.never())`, [{ name: 'never', sync: true }])
    assert.equal(seen.errCode, codes.E_TIMEOUT.code)
    assert.equal(host.client.counters('demo').timedOut, 1)
  }),
)

test(
  'f_h04_the_host_may_call_back_while_the_mini_program_waits',
  hosted(async (host) => {
    const { client } = host
    client.registerSyncApi('ask', () => {
      client.sendCustomEvent('demo', { sent: 'meanwhile' })
      client.registerCustomApi('other', () => {})
      assert.equal(client.runningApplets().length, 1)
      assert.ok(client.counters('demo').calls >= 1)
      return { answer: 42 }
    })
    await host.open(
      `ft.onCustomEvent(ft.report)
       const { answer } = ft.ask()
       ft.report({ answer })`,
      [{ name: 'ask', sync: true }],
    )
    assert.deepEqual(await host.reported(), { answer: 42 }, 'an event waits for the end of the turn')
    assert.deepEqual(await host.reported(), { sent: 'meanwhile' })
  }),
)

test(
  'f_h04_closing_the_applet_wakes_a_call_that_waits',
  hosted(async (host) => {
    host.client.registerSyncApi('wait', () => {
      host.client.closeApplet('demo')
      return new Promise(() => {})
    })
    const offlineLibraryPath = host.write('demo', `ft.report({}); ft.wait()`, [{ name: 'wait', sync: true }])
    const starting = host.client.startApplet({ appId: 'demo', offlineLibraryPath })
    await assert.rejects(starting, { codeName: 'E_CLOSED' })
    assert.equal((await host.event('closed')).reason, 'host')
  }),
)

test(
  'f_h04_a_handler_may_shut_the_client_down_while_the_mini_program_waits',
  hosted(async (host) => {
    /** @type {Promise<void> | undefined} */
    let ended
    host.client.registerSyncApi('bye', () => {
      ended = host.client.shutdown()
      return {}
    })
    const offlineLibraryPath = host.write('demo', `ft.bye()`, [{ name: 'bye', sync: true }])
    await assert.rejects(host.client.startApplet({ appId: 'demo', offlineLibraryPath }), { codeName: 'E_CLOSED' })
    await ended
  }),
)

test(
  'f_h04_calls_of_both_kinds_keep_their_order',
  hosted(async (host) => {
    /** @type {unknown[]} */
    const order = []
    host.client.registerCustomApi('later', ({ params }) => {
      order.push(params.n)
      return {}
    })
    host.client.registerSyncApi('now', ({ params }) => {
      order.push(params.n)
      return {}
    })
    await host.run(
      `for (let n = 0; n < 300; n++) { if (n % 3) ft.later({ n, success() {} }); else ft.now({ n }) }
       ft.report({})`,
      ['later', { name: 'now', sync: true }],
    )
    assert.deepEqual(order, Array.from({ length: 300 }, (_, n) => n))
  }, { limits: { callsInFlight: 1_000 } }),
)
