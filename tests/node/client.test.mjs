// The client itself: init, configuration, one client for each environment, and the guard around exports.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { codes, Host, hosted, modulePath, native, refused, within } from './support.mjs'

const { FinAppClient } = native

test('f_h01_use_before_init_finds_no_client', () => {
  assert.equal(FinAppClient.getInstance(), undefined)
  assert.equal(FinAppClient.getInsance(), undefined)
})

test('f_h01_a_wrong_configuration_is_refused_by_the_name_of_its_field', async () => {
  const wrong = /** @type {[any, RegExp][]} */ ([
    [undefined, /^config: expected an object, got nothing/],
    ['phone', /^config: expected an object, got a string/],
    [[], /^config: /],
    [{ phone: 10086 }, /^phone: /],
    [{ limits: { memory: 'much' } }, /^limits\.memory: /],
    [{ limits: { jsStack: 0 } }, /^limits\.jsStack: /],
    [{ finStoreConfigs: [{ sdkKey: 'k' }] }, /^finStoreConfigs\[0\]/],
    [{ log: 'loud' }, /^config\.log: expected a function, got a string/],
  ])
  for (const [config, message] of wrong) {
    await refused(() => FinAppClient.init(config), { ...codes.E_PARAM, message })
    assert.equal(FinAppClient.getInstance(), undefined, 'nothing half-started stays behind')
  }
})

test(
  'f_h01_the_same_configuration_gives_the_same_client_and_another_is_refused',
  hosted(
    async (host) => {
      assert.equal(FinAppClient.init({ phone: '10086' }, {}, {}, 0), host.client)
      assert.equal(FinAppClient.getInstance(), host.client)
      assert.equal(FinAppClient.getInsance(), host.client)
      await refused(() => FinAppClient.init({ phone: '10010' }), { ...codes.E_PARAM, message: /^config: / })
    },
    { phone: '10086' },
  ),
)

test('f_h01_after_shutdown_a_new_client_may_be_made', async () => {
  const first = new Host({ channel: 'one' })
  const ending = first.end()
  assert.equal(FinAppClient.getInstance(), undefined, 'a client that shuts down is no longer found')
  const second = new Host({ channel: 'two' })
  assert.notEqual(second.client, first.client)
  await ending
  assert.equal(FinAppClient.getInstance(), second.client, 'the end of the first does not touch the second')
  await second.end()
})

test('h_c12_use_after_shutdown_is_a_typed_error', async () => {
  const host = new Host()
  const applet = await host.open('')
  await host.end()
  const { client } = host
  const closed = codes.E_CLOSED
  await refused(() => client.registerCustomApi('scan', () => {}), closed)
  await refused(() => client.registerSyncApi('scan', () => 1), closed)
  await refused(() => client.startApplet({ appId: 'demo', offlineLibraryPath: host.folder }), closed)
  await refused(() => client.sendCustomEvent('demo', {}), codes.E_APPLET_NOT_FOUND)
  await refused(() => applet.sendCustomEvent({}), closed)
  await refused(() => client.setLifeCycleListener(() => {}), closed)
  assert.deepEqual(client.runningApplets(), [])
  assert.equal(client.sendCustomEventToAll({}), 0)
  await within(client.shutdown(), 'a shutdown after the shutdown')
})

test(
  'h_c12_arguments_of_the_wrong_type_are_refused_by_their_names',
  hosted(async ({ client }) => {
    const any = /** @type {any} */ (client)
    const wrong = /** @type {[() => unknown, RegExp][]} */ ([
      [() => any.registerCustomApi(), /^name: expected a string, got nothing/],
      [() => any.registerCustomApi('scan'), /^handler: expected a function, got nothing/],
      [() => any.registerCustomApi('scan', {}), /^handler: expected a function, got an object/],
      [() => any.registerCustomApi('1 scan', () => {}), /^api name: /],
      [() => any.registerCustomApi('scan', () => {}, 'sync'), /^options: expected an object, got a string/],
      [() => any.registerCustomApi('scan', () => {}, { sync: 1 }), /^options\.sync: /],
      [() => any.registerCustomApi('scan', () => {}, { timeout: 0 }), /^options\.timeout: /],
      [() => any.registerCustomApi('scan', () => {}, { timeout: 'soon' }), /^options\.timeout: /],
      [() => any.registerCustomApi('scan', () => {}, { pages: 'all' }), /^options\.pages: /],
      [() => any.registerCustomApi('scan', () => {}, { pages: [1] }), /^options\.pages: /],
      [() => any.registerCustomApi('scan', () => {}, { applets: ['../b'] }), /^options\.applets: /],
      [() => any.registerCustomApi('scan', () => {}, { snyc: true }), /^options\.snyc: /],
      [() => any.registerSyncApi('scan', null), /^handler: expected a function, got null/],
      [() => any.unregisterCustomApi(7), /^name: expected a string, got a number/],
      [() => any.startApplet('demo'), /^request: expected an object, got a string/],
      [() => any.startApplet({ appId: 7 }), /^appId: /],
      [() => any.startApplet({ appId: '../b', offlineLibraryPath: '/' }), /^appId: /],
      [() => any.startApplet({ appId: 'demo' }), /^offlineLibraryPath: /],
      [() => any.closeApplet({}), /^appId: expected a string, got an object/],
      [() => any.sendCustomEvent('demo', 'text'), /^detail: expected an object, got a string/],
      [() => any.sendCustomEvent('demo', () => {}), /^detail: expected an object, got a function/],
      [() => any.sendCustomEventToAll(), /^detail: expected an object, got nothing/],
      [() => any.setMemoryLevel('high'), /^level: expected moderate, low or critical/],
      [() => any.clearAppletData('demo', 7), /^user: expected a string, got a number/],
      [() => any.setLifeCycleListener('loud'), /^listener: expected a function, got a string/],
      [() => any.counters(), /^appId: expected a string, got nothing/],
    ])
    for (const [action, message] of wrong) await refused(action, { ...codes.E_PARAM, message })
  }),
)

test(
  'h_c26_the_module_loaded_twice_gives_each_load_its_own_client',
  hosted(async (host) => {
    const require = createRequire(import.meta.url)
    delete require.cache[modulePath]
    const again = /** @type {typeof native} */ (require(modulePath))
    assert.notEqual(again.FinAppClient, FinAppClient, 'it has been loaded again')
    assert.equal(again.FinAppClient.getInstance(), undefined)
    const other = again.FinAppClient.init({ phone: 'other' })
    other.registerCustomApi('report', ({ params }) => {
      host.reports.put({ ...params, by: 'other' })
      return {}
    })
    const offlineLibraryPath = host.write('demo', `ft.report({ said: 'hello' })`)
    await other.startApplet({ appId: 'demo', offlineLibraryPath })
    assert.deepEqual(await host.reported(), { said: 'hello', by: 'other' })
    await other.shutdown()
    assert.deepEqual(await host.run(`ft.report({ said: 'still here' })`), { said: 'still here' })
  }),
)

test(
  'h_c26_a_worker_has_a_client_of_its_own',
  hosted(async (host) => {
    const offlineLibraryPath = host.write('demo', `ft.report({ said: 'from the worker' })`)
    const worker = new Worker(new URL('./children/worker_client.mjs', import.meta.url), {
      workerData: { modulePath, offlineLibraryPath },
    })
    const said = await within(
      new Promise((done, failed) => worker.once('message', done).once('error', failed)),
      'the worker',
    )
    assert.deepEqual(said, { said: 'from the worker', found: false })
    const code = await within(new Promise((done) => worker.once('exit', done)), 'the end of the worker')
    assert.equal(code, 0)
    assert.equal(FinAppClient.getInstance(), host.client)
    assert.deepEqual(await host.run(`ft.report({ said: 'from the main thread' })`), { said: 'from the main thread' })
  }),
)

test('h_c27_a_panic_below_an_export_is_a_typed_error_and_the_process_lives', async (t) => {
  const { testPanic } = native
  if (!testPanic) return t.skip('a module without test hooks')
  await refused(() => testPanic(), { ...codes.E_INTERNAL, message: /^internal error$/ })
  const host = new Host()
  assert.deepEqual(await host.run('ft.report({ fine: true })'), { fine: true })
  await host.end()
})
