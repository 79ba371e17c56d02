// Packages from a static file server: here Node's own, which serves a folder of zips and indexes.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import { codes, Host, refused, within } from './support.mjs'

/**
 * A zip of one stored file.
 * @param {string} name
 * @param {string} text
 */
function zip(name, text) {
  const [path, bytes] = [Buffer.from(name), Buffer.from(text)]
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(20, 0)
  facts.writeUInt32LE(crc32(bytes), 10)
  facts.writeUInt32LE(bytes.length, 14)
  facts.writeUInt32LE(bytes.length, 18)
  facts.writeUInt16LE(path.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), facts, path, bytes])
  const directory = Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), facts, Buffer.alloc(14), path])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, directory, Buffer.from('PK\x05\x06'), end])
}

/** Files by path, on loopback. */
class FileServer {
  /** @type {Map<string, Buffer | string>} */
  files = new Map()
  #server = createServer((request, response) => {
    const file = this.files.get(request.url ?? '')
    response.writeHead(file === undefined ? 404 : 200).end(file)
  })

  /** @returns {Promise<string>} its address */
  async listen() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', () => done(undefined)))
    const address = /** @type {import('node:net').AddressInfo} */ (this.#server.address())
    return `http://127.0.0.1:${address.port}`
  }

  /**
   * @param {string} version
   * @param {Record<string, unknown>} [more] what the index has besides
   */
  offer(version, more = {}) {
    const bytes = zip('app.js', `ft.loadExtApi([{ name: 'report' }]); ft.report({ version: '${version}' })`)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    this.files.set(`/demo/${version}.zip`, bytes)
    const index = { format: 1, appId: 'demo', version, package: { url: `${version}.zip`, sha256, bytes: bytes.length }, ...more }
    this.files.set('/demo/index.json', JSON.stringify(index))
  }

  /** Takes no connection any more. */
  async close() {
    this.#server.closeAllConnections()
    // Closed already is an error that nobody minds.
    await new Promise((done) => this.#server.close(() => done(undefined)))
  }
}

test('f_h13_a_package_from_a_server_is_started_updated_kept_and_cleared', async () => {
  const server = new FileServer()
  const apiServer = await server.listen()
  const dataDir = mkdtempSync(join(tmpdir(), 'finapp-packages-'))
  const host = new Host({ apiServer, dataDir })
  const { client } = host
  /** @param {Partial<import('../../finapp/types/libfinapp/index.js').AppletRequest>} [more] */
  const run = async (more) => {
    const applet = await within(client.startApplet({ appId: 'demo', ...more }), 'the start')
    assert.equal(applet.apiServer, apiServer)
    const { version } = await host.reported()
    assert.equal(client.runningApplets()[0].packageVersion, version)
    applet.close()
    await host.event('closed')
    return version
  }
  try {
    await refused(() => client.startApplet({ appId: 'demo' }), codes.E_APPLET_NOT_FOUND)
    server.offer('1.0.0')
    assert.equal(await run(), '1.0.0')
    server.offer('1.1.0')
    assert.equal(await run(), '1.1.0')
    server.offer('1.0.0')
    assert.equal(await run(), '1.1.0')
    assert.equal(await run({ updateStrategy: 'before', allowDowngrade: true }), '1.0.0')
    await server.close()
    const applet = await within(client.startApplet({ appId: 'demo', updateStrategy: 'after' }), 'the start without a server')
    assert.equal((await host.reported()).version, '1.0.0')
    const kept = await host.event('packageKept')
    assert.deepEqual([kept.code, kept.version], [codes.E_NETWORK.code, '1.0.0'])
    const [cached] = await within(client.cachedPackages(), 'the list')
    assert.deepEqual([cached.appId, cached.apiServer, cached.version], ['demo', `${apiServer}/`, '1.0.0'])
    await refused(() => client.clearPackageCache('demo'), codes.E_BUSY)
    applet.close()
    await host.event('closed')
    client.clearPackageCache('demo')
    while ((await within(client.cachedPackages(), 'the list')).length > 0);
    await refused(() => client.startApplet({ appId: 'demo' }), codes.E_NETWORK)
    await refused(() => client.startApplet({ appId: 'demo', apiServer: 'ftp://a' }), { ...codes.E_PARAM, message: /^apiServer: / })
  } finally {
    await host.end()
    await server.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
  await refused(() => client.cachedPackages(), codes.E_CLOSED)
})
