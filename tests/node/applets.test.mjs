// The life of mini-programs as their host sees it: start, close, list, foreground, counters.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codes, hosted, refused } from './support.mjs'

test(
  'f_h13_an_applet_is_started_listed_and_closed',
  hosted(async (host) => {
    const { client } = host
    const applet = await host.open('App({ onLaunch(options) { ft.report(options) } })', [], 'one')
    assert.equal(applet.appId, 'one')
    assert.equal((await host.reported()).path, '')
    assert.deepEqual(await host.event('opened'), { type: 'opened', appId: 'one' })
    await host.open('', [], 'two')
    assert.deepEqual(client.runningApplets().map(({ appId, state }) => [appId, state]), [['one', 'foreground'], ['two', 'foreground']])
    client.closeApplet('one')
    assert.deepEqual(await host.event('closed'), { type: 'closed', appId: 'one', reason: 'host' })
    client.closeAllApplets()
    assert.equal((await host.event('closed')).appId, 'two')
    assert.deepEqual(client.runningApplets(), [])
    await refused(() => client.closeApplet('one'), codes.E_APPLET_NOT_FOUND)
  }),
)

test(
  'f_h13_the_back_gesture_closes_a_mini_program_without_pages_behind',
  hosted(async (host) => {
    const one = await host.open('', [], 'one')
    const two = await host.open('', [], 'two')
    assert.equal(host.client.goBack('one'), false)
    assert.deepEqual(await host.event('closed'), { type: 'closed', appId: 'one', reason: 'host' })
    assert.equal(two.goBack(), false)
    assert.deepEqual(await host.event('closed'), { type: 'closed', appId: 'two', reason: 'host' })
    await refused(() => host.client.goBack('one'), codes.E_APPLET_NOT_FOUND)
    await refused(() => host.client.goBack(/** @type {any} */ (1)), { ...codes.E_PARAM, message: /^appId: / })
    const again = await host.open('', [], 'one')
    await refused(() => one.goBack(), codes.E_CLOSED)
    assert.equal(again.goBack(), false)
  }),
)

test(
  'f_h13_the_start_parameters_reach_the_mini_program',
  hosted(async (host) => {
    const offlineLibraryPath = host.write('demo', 'App({ onLaunch({ path, query }) { ft.report({ path, query }) } })')
    await host.client.startApplet({ appId: 'demo', offlineLibraryPath, startParams: { path: 'pages/a', query: 'aaa=test&bbb=123' } })
    assert.deepEqual(await host.reported(), { path: 'pages/a', query: { aaa: 'test', bbb: '123' } })
  }),
)

test(
  'f_h13_foreground_and_background_are_told_on_both_sides',
  hosted(async (host) => {
    const applet = await host.open(`App({ onShow() { ft.report({ shown: true }) }, onHide() { ft.report({ shown: false }) } })`)
    assert.deepEqual(await host.reported(), { shown: true })
    host.client.setBackground('demo')
    assert.deepEqual(await host.reported(), { shown: false })
    assert.equal((await host.event('background')).appId, 'demo')
    applet.setForeground()
    assert.deepEqual(await host.reported(), { shown: true })
    assert.equal((await host.event('foreground')).appId, 'demo')
    applet.setBackground()
    await host.event('background')
    host.client.setForeground('demo')
    await host.event('foreground')
  }),
)

test(
  'f_h13_short_memory_closes_what_is_in_the_background',
  hosted(async (host) => {
    await host.open('', [], 'seen')
    await host.open('', [], 'hidden')
    host.client.setBackground('hidden')
    await host.event('background')
    host.client.setMemoryLevel('moderate')
    host.client.setMemoryLevel('low')
    host.client.setMemoryLevel('critical')
    assert.deepEqual(await host.event('closed'), { type: 'closed', appId: 'hidden', reason: 'memory' })
    assert.deepEqual(host.client.runningApplets().map(({ appId }) => appId), ['seen'])
  }),
)

test(
  'f_h13_the_data_of_an_applet_is_cleared_while_it_does_not_run',
  hosted(async (host) => {
    await host.open('')
    await refused(() => host.client.clearAppletData('demo'), codes.E_BUSY)
    host.client.closeApplet('demo')
    await host.event('closed')
    host.client.clearAppletData('demo')
    host.client.clearAppletData('demo', 'u-1')
    await refused(() => host.client.clearAppletData('../b'), codes.E_PARAM)
  }),
)

test(
  'h_d8_a_start_that_fails_half_way_names_the_file_and_leaves_nothing',
  hosted(async (host) => {
    const { client } = host
    const start = (/** @type {string} */ offlineLibraryPath) => client.startApplet({ appId: 'demo', offlineLibraryPath })
    await refused(() => start(join(host.folder, 'nowhere')), codes.E_BAD_PACKAGE)
    await refused(() => start(host.write('demo', 'let let = 1')), { ...codes.E_BAD_PACKAGE, message: /app\.js/ })
    await refused(() => start(host.write('demo', `\nthrow new Error('at the top')`)), { ...codes.E_BAD_PACKAGE, message: /at the top.*app\.js:2/s })
    const broken = host.write('demo', '')
    writeFileSync(join(broken, 'app.json'), '{ "pages": 1 }')
    await refused(() => start(broken), { ...codes.E_BAD_PACKAGE, message: /app\.json/ })
    assert.deepEqual(client.runningApplets(), [])
    assert.deepEqual(await host.run('ft.report({ fine: true })'), { fine: true })
  }),
)

test(
  'h_d4_a_second_start_gives_the_applet_that_runs',
  hosted(async (host) => {
    const offlineLibraryPath = host.write('demo', 'ft.report({})')
    const request = { appId: 'demo', offlineLibraryPath }
    const [first, second] = await Promise.all([host.client.startApplet(request), host.client.startApplet(request)])
    assert.equal(first.appId, second.appId)
    await host.reported()
    assert.equal(host.reports.length, 0, 'it ran once')
  }),
)

test(
  'f_h13_what_an_applet_throws_is_told_and_it_goes_on',
  hosted(async (host) => {
    await host.open(`ft.onCustomEvent(() => { ft.report({ heard: true }); throw new Error('in a listener') })`)
    host.client.sendCustomEvent('demo', {})
    const event = await host.event('error')
    assert.equal(event.appId, 'demo')
    assert.match(String(event.message), /in a listener/)
    assert.deepEqual(await host.reported(), { heard: true })
    host.client.sendCustomEvent('demo', {})
    assert.deepEqual(await host.reported(), { heard: true })
  }),
)

test(
  'f_h16_every_side_sees_the_same_numbers',
  hosted(async (host) => {
    const seen = await host.run(`ft.loadExtApi([{ name: 'nobody' }]); ft.nobody({ fail: ft.report })`)
    assert.equal(seen.errCode, 20006)
    await refused(() => host.client.closeApplet('nobody'), { codeName: 'E_APPLET_NOT_FOUND', code: 14000 })
    await refused(() => host.client.closeApplet(/** @type {any} */ (1)), { codeName: 'E_PARAM', code: 10001 })
  }),
)

test(
  'f_h20_what_happens_is_counted_for_each_applet',
  hosted(async (host) => {
    host.client.registerCustomApi('good', ({ callback }) => {
      callback.onProgress({})
      return {}
    })
    host.client.registerCustomApi('bad', ({ callback }) => callback.onFail())
    const applet = await host.open(
      `ft.good({ progress() {}, complete() { ft.bad({ complete() { ft.onCustomEvent(ft.report); ft.report({}) } }) } })`,
      ['good', 'bad'],
    )
    await host.reported()
    host.client.sendCustomEvent('demo', {})
    await host.reported()
    const counters = applet.counters()
    assert.equal(counters.calls, 4)
    assert.equal(counters.failed, 1)
    assert.equal(counters.progress, 1)
    assert.equal(counters.events, 1)
    assert.ok(counters.latencyTotalNs >= counters.latencyMaxNs && counters.latencyMaxNs > 0)
    await host.open('ft.report({})', [], 'other')
    await host.reported()
    assert.equal(host.client.counters('other').calls, 1)
    assert.equal(host.client.counters('demo').calls, 4)
  }),
)

test(
  'f_h20_log_lines_go_to_the_log_function_of_the_host',
  hosted(async (host) => {
    await host.run(`console.log('100%', { a: [1] }); console.error('two\\nlines'); ft.report({})`)
    const lines = host.lines.filter(({ tag }) => tag === 'demo')
    assert.deepEqual(lines.map(({ level }) => level), ['info', 'error'])
    assert.match(String(lines[0]?.line), /100%/)
    assert.ok(lines.every(({ line }) => !line.includes('\n')), 'a line stays one line')
  }),
)

test(
  'h_c18_no_export_waits_for_an_applet_that_is_stuck',
  hosted(
    async (host) => {
      const { client } = host
      const offlineLibraryPath = host.write('stuck', `ft.report({}); for (;;) {}`)
      const starting = client.startApplet({ appId: 'stuck', offlineLibraryPath })
      await host.reported()
      client.sendCustomEvent('stuck', {})
      client.sendCustomEventToAll({})
      client.registerCustomApi('scan', () => {})
      client.unregisterCustomApi('scan')
      client.setBackground('stuck')
      client.setForeground('stuck')
      client.setMemoryLevel('critical')
      client.counters('stuck')
      // Had one of them waited, the loop would have had to end first: it lasts a minute.
      assert.deepEqual(client.runningApplets().map(({ appId }) => appId), ['stuck'])
      client.closeApplet('stuck')
      await assert.rejects(starting)
      assert.equal((await host.event('closed')).appId, 'stuck')
    },
    { limits: { turnForegroundMs: 60_000 } },
  ),
)
