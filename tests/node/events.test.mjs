// Events from the host to mini-programs.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted, refused } from './support.mjs'

test(
  'f_h11_events_arrive_in_order_and_none_is_lost_below_the_cap',
  hosted(async (host) => {
    await host.open(
      `const seen = []
       ft.onCustomEvent(({ n }) => { seen.push(n); if (n === 799) ft.report({ seen }) })`,
    )
    for (let n = 0; n < 800; n++) host.client.sendCustomEvent('demo', { n })
    const { seen } = await host.reported()
    assert.deepEqual(seen, Array.from({ length: 800 }, (_, n) => n))
    const counters = host.client.counters('demo')
    assert.equal(counters.events, 800)
    assert.equal(counters.eventsDropped, 0)
  }),
)

test(
  'f_h11_events_wait_until_the_mini_program_is_ready',
  hosted(async (host) => {
    const offlineLibraryPath = host.write('demo', `ft.onCustomEvent(ft.report)`)
    const starting = host.client.startApplet({ appId: 'demo', offlineLibraryPath })
    host.client.sendCustomEvent('demo', { sent: 'before it was ready' })
    await starting
    assert.deepEqual(await host.reported(), { sent: 'before it was ready' })
  }),
)

test(
  'f_h11_one_event_reaches_all_mini_programs',
  hosted(async (host) => {
    for (const appId of ['one', 'two', 'three']) {
      await host.open(`ft.onCustomEvent((detail) => ft.report({ ...detail, at: '${appId}' }))`, [], appId)
    }
    assert.equal(host.client.sendCustomEventToAll({ name: 'all' }), 3)
    const seen = [await host.reported(), await host.reported(), await host.reported()]
    assert.deepEqual(seen.map(({ at }) => at).sort(), ['one', 'three', 'two'])
    assert.equal(host.client.appletApiManager.sendCustomEventToAll({}), 3)
  }),
)

test(
  'f_h11_the_name_of_an_event_chooses_its_listeners',
  hosted(async (host) => {
    const applet = await host.open(
      `ft.addCustomEventListener('someMethod', (res) => ft.report({ named: res }))
       ft.addCustomEventListener('other', (res) => ft.report({ other: res }))`,
    )
    const detail = { name: 'someMethod', data: { a: 'data-1', b: 'data-2', c: 1001 }, errMsg: 'some error msg' }
    applet.sendCustomEvent(detail)
    assert.deepEqual(await host.reported(), { named: detail })
    host.client.appletApiManager.sendCustomEvent('demo', { name: 'other' })
    assert.deepEqual(await host.reported(), { other: { name: 'other' } })
  }),
)

test(
  'h_d11_an_event_never_overtakes_the_answer_before_it',
  hosted(async (host) => {
    host.client.registerCustomApi('scan', ({ params, callback }) => {
      callback.onSuccess({ n: params.n })
      host.client.sendCustomEvent('demo', { n: params.n })
    })
    const { seen } = await host.run(
      `const seen = []
       ft.onCustomEvent(({ n }) => { seen.push('event ' + n); if (n === 199) ft.report({ seen }) })
       for (let n = 0; n < 200; n++) ft.scan({ n, success() { seen.push('answer ' + n) } })`,
      ['scan'],
    )
    assert.deepEqual(seen, Array.from({ length: 400 }, (_, n) => `${n % 2 ? 'event' : 'answer'} ${n >> 1}`))
  }),
)

test(
  'h_c11_an_event_for_nobody_or_that_cannot_be_sent_is_a_typed_error',
  hosted(async (host) => {
    const applet = await host.open('ft.report({})')
    await host.reported()
    await refused(() => host.client.sendCustomEvent('nobody', {}), codes.E_APPLET_NOT_FOUND)
    await refused(() => host.client.sendCustomEvent('demo', []), { ...codes.E_PARAM, message: /object/ })
    /** @type {any} */
    const circle = {}
    circle.itself = circle
    await refused(() => applet.sendCustomEvent(circle), { ...codes.E_SERIALIZE, message: /circular/i })
    await refused(() => applet.sendCustomEvent({ text: 'x'.repeat(2 ** 20) }), codes.E_TOO_LARGE)
    applet.close()
    await host.event('closed')
    await refused(() => applet.sendCustomEvent({}), codes.E_CLOSED)
  }),
)
