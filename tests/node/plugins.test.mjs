// Plugins of mini-programs, as the host sees them: who calls, and which plugins a registration serves.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { codes, hosted } from './support.mjs'

/** @typedef {import('./support.mjs').Host} Host */

const app = `
  ft.loadExtApi([{ name: 'ask', pluginId: ['wxhello', 'wxother'] }])
  const end = (call) => call.then(({ by }) => by, ({ errCode }) => errCode)
  const plugins = [requirePlugin('hello'), requirePlugin('other')]
  Promise.all([ft.ask(), ...plugins.map(({ ask }) => ask())].map(end)).then((ends) => ft.report({ ends }))`

const FILES = {
  'app.json': JSON.stringify({ plugins: { hello: { provider: 'wxhello' }, other: { provider: 'wxother' } } }),
  '__plugin__/wxhello/plugin.json': '{"main": "index.js"}',
  '__plugin__/wxhello/index.js': 'exports.ask = () => ft.ask()',
  '__plugin__/wxother/plugin.json': '{"main": "index.js"}',
  '__plugin__/wxother/index.js': 'exports.ask = () => ft.ask()',
}

/** @param {Host} host */
const start = (host) => {
  const folder = host.write('demo', app)
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return host.client.startApplet({ appId: 'demo', offlineLibraryPath: folder })
}

test(
  'f_m11_ext_info_names_the_plugin_that_calls',
  hosted(async (host) => {
    host.client.registerCustomApi('ask', ({ extInfo }) => ({ by: `${extInfo.appId} ${extInfo.pluginId} ${extInfo.source}` }))
    await start(host)
    const by = ['demo undefined miniprogram', 'demo wxhello miniprogram', 'demo wxother miniprogram']
    assert.deepEqual((await host.reported()).ends, by)
  }),
)

test(
  'h_a33_a_registration_for_one_plugin_is_denied_to_another',
  hosted(async (host) => {
    host.client.registerCustomApi('ask', ({ extInfo }) => ({ by: extInfo.pluginId ?? 'own' }), { plugins: ['wxhello'] })
    await start(host)
    assert.deepEqual((await host.reported()).ends, ['own', 'wxhello', codes.E_DENIED.code])
    for (const plugins of ['wxhello', [5], ['../x']]) {
      const options = /** @type {any} */ ({ plugins })
      assert.throws(() => host.client.registerCustomApi('ask', () => ({}), options), /options\.plugins/)
    }
  }),
)
