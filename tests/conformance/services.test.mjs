// Libraries that talk to servers: one that puts itself around App and Page, and one that stores objects.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { hosted, within } from '../node/support.mjs'
import { noErrors, start } from './program.mjs'

const PAGE = (/** @type {string} */ name) => `
  const note = (hook) => getApp().notes.push('${name}.' + hook)
  Page({ onLoad() { note('onLoad') }, onShow() { note('onShow') }, onReady() { note('onReady') },
    onHide() { note('onHide') }, onUnload() { note('onUnload') } })`

/** What the hooks note while two pages come and one goes. @param {boolean} tracked */
const notesOf = async (/** @type {import('../node/support.mjs').Host} */ host, tracked) => {
  const install = `
    const sensors = require('sa-sdk-miniprogram')
    sensors.setPara({ server_url: 'https://collector.example/sa', autoTrack: { appLaunch: true, appShow: true, appHide: true,
      pageShow: true, pageLeave: true, mpClick: true }, show_log: false })
    sensors.init()`
  const applet = await start(host, ['sa-sdk-miniprogram'], {
    'app.json': '{ "pages": ["pages/main/main", "pages/next/next"] }',
    'app.js': `const own = [App, Page]
      ${tracked ? install : ''}
      App({ notes: [], replaced: App !== own[0] && Page !== own[1],
        onLaunch() { this.notes.push('App.onLaunch') }, onShow() { this.notes.push('App.onShow') },
        onHide() { this.notes.push('App.onHide'); ft.report({ hidden: true }) } })
      ft.onCustomEvent(() => ft.report({ notes: getApp().notes, replaced: getApp().replaced }))`,
    'pages/main/main.js': PAGE('main'),
    'pages/main/main.wxml': '<view/>',
    'pages/next/next.js': PAGE('next'),
    'pages/next/next.wxml': '<view/>',
  })
  await within(applet.navigate({ type: 'navigateTo', url: '/pages/next/next' }), 'the next page')
  applet.setBackground()
  assert.deepEqual(await host.reported(), { hidden: true })
  applet.setForeground()
  await within(applet.navigate({ type: 'navigateBack' }), 'the way back')
  applet.sendCustomEvent({})
  return host.reported()
}

test('f_m12_an_sdk_around_app_and_page_leaves_the_order_of_their_hooks', async () => {
  /** @type {any[]} */
  const seen = []
  for (const tracked of [false, true]) {
    await hosted(async (host) => {
      seen.push(await notesOf(host, tracked))
      await noErrors(host)
    })()
  }
  const [plain, tracked] = seen
  assert.deepEqual([plain.replaced, tracked.replaced], [false, true])
  assert.deepEqual(tracked.notes, plain.notes)
  assert.deepEqual(plain.notes.filter((/** @type {string} */ note) => note.startsWith('App')),
    ['App.onLaunch', 'App.onShow', 'App.onHide', 'App.onShow'])
  assert.equal(plain.notes.filter((/** @type {string} */ note) => note === 'main.onReady').length, 1)
})

test(
  'f_m14_an_object_store_is_written_and_read_through_its_sdk',
  hosted(
    async (host) => {
      /** @type {Array<{ method?: string, url?: string, signed: boolean, body: string }>} */
      const asked = []
      const server = createServer(async (request, response) => {
        let body = ''
        for await (const chunk of request) body += chunk
        const signed = /q-ak=someone&.*q-signature=[0-9a-f]{40}/.test(request.headers.authorization ?? '')
        asked.push({ method: request.method, url: request.url, signed, body })
        response.setHeader('etag', '"e1"')
        response.end(request.method === 'GET' ? 'kept' : '')
      })
      await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
      try {
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
        const files = {
          'pages/main/main.wxml': '<view/>',
          'pages/main/main.js': `
            const COS = require('cos-wx-sdk-v5')
            const store = new COS({ Domain: 'http://127.0.0.1:${port}',
              SecretId: 'someone', SecretKey: 'secret' })
            const place = { Bucket: 'notes-125', Region: 'ap-guangzhou', Key: 'a/b c.txt' }
            Page({
              onLoad() {
                store.putObject({ ...place, Body: 'hello' }, (putError, put) => {
                  store.getObject(place, (getError, got) => ft.report({ putError, put, getError, got }))
                })
              }
            })`,
        }
        await start(host, ['cos-wx-sdk-v5'], files, [`http://127.0.0.1:${port}`])
        const { putError, put, getError, got } = await host.reported()
        assert.deepEqual([putError, getError], [null, null])
        assert.deepEqual([put.statusCode, put.ETag, got.statusCode, got.Body], [200, '"e1"', 200, 'kept'])
        assert.deepEqual(asked, [
          { method: 'PUT', url: '/a/b%20c.txt', signed: true, body: 'hello' },
          { method: 'GET', url: '/a/b%20c.txt', signed: true, body: '' },
        ])
        await noErrors(host)
      } finally {
        server.closeAllConnections()
        await new Promise((done) => server.close(done))
      }
    },
    { network: { allowPrivateNetwork: true } },
  ),
)
