// Hosts of mini-programs with tabs: how the bar stands, and which page a call came from.

import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { hosted, within } from './support.mjs'

/** A mini-program with two tabs, each of which makes calls. @param {import('./support.mjs').Host} host */
const open = (host) => {
  const list = ['a', 'b'].map((name) => ({ pagePath: `pages/${name}`, text: name }))
  const folder = host.write('demo', 'App({})', ['where'])
  writeFileSync(join(folder, 'app.json'), JSON.stringify({ pages: ['pages/a', 'pages/b'], tabBar: { list } }))
  mkdirSync(join(folder, 'pages'))
  for (const name of ['a', 'b']) {
    writeFileSync(join(folder, `pages/${name}.wxml`), '<view/>')
    writeFileSync(join(folder, `pages/${name}.js`), `Page({
      onShow() { ft.where({ page: '${name}' }); wx.setTabBarBadge({ index: 0, text: '${name}', complete: ft.report }) }
    })`)
  }
  return within(host.client.startApplet({ appId: 'demo', offlineLibraryPath: folder }), 'the start')
}

test(
  'f_m15_a_host_sees_how_the_tab_bar_stands',
  hosted(async (host) => {
    const applet = await open(host)
    assert.equal((await host.reported()).errMsg, 'setTabBarBadge:ok')
    const list = [{ pagePath: 'pages/a', text: 'a', badge: 'a' }, { pagePath: 'pages/b', text: 'b' }]
    assert.deepEqual(await applet.tabBar(), { custom: false, visible: true, selected: 0, list })
  }),
)

test(
  'f_h02_a_handler_learns_which_page_was_seen',
  hosted(async (host) => {
    /** @type {unknown[]} */
    const seen = []
    host.client.registerCustomApi('where', ({ extInfo, params, callback }) => {
      seen.push([params, extInfo.webviewId])
      callback.onSuccess()
    })
    const applet = await open(host)
    await host.reported()
    const [a] = await applet.pages()
    await within(applet.navigate({ type: 'switchTab', url: '/pages/b' }), 'the other tab')
    await host.reported()
    const [b] = await applet.pages()
    assert.notEqual(a?.id, b?.id)
    assert.deepEqual(seen, [[{ page: 'a' }, a?.id], [{ page: 'b' }, b?.id]])
  }),
)
