// The network family through the built module: a mini-program asks a server of Node's, within the list of its start.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { hosted, within } from './support.mjs'

/** Serves `listener` on this device while `body` runs with its origin. */
const served = async (
  /** @type {import('node:http').RequestListener} */ listener,
  /** @type {(origin: string) => Promise<void>} */ body,
) => {
  const server = createServer(listener)
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)))
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    await body(`http://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}

test(
  'f_m14_a_request_reaches_what_the_start_request_lists_and_nothing_else',
  hosted(
    async (host) => {
      await served(
        (request, response) => {
          response.setHeader('set-cookie', ['a=1', 'b=2'])
          response.end(JSON.stringify({ method: request.method, url: request.url }))
        },
        async (origin) => {
          const source = `
            wx.request({ url: '${origin}/a', method: 'POST', data: { k: 'v' }, complete: (listed) => {
              wx.request({ url: '${origin.replace('127.0.0.1', 'localhost')}/', complete: (other) => ft.report({ listed, other }) })
            } })`
          const offlineLibraryPath = host.write('demo', source)
          const starting = host.client.startApplet({ appId: 'demo', offlineLibraryPath, requestDomain: [origin] })
          await within(starting, 'the start of the mini-program')
          const { listed, other } = await host.reported()
          assert.equal(listed.statusCode, 200)
          assert.deepEqual(listed.data, { method: 'POST', url: '/a' })
          assert.deepEqual(listed.cookies, ['a=1', 'b=2'])
          assert.equal(other.errMsg, 'request:fail url not in domain list')
        },
      )
    },
    { network: { allowPrivateNetwork: true } },
  ),
)
