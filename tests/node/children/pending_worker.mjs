// A worker thread that ends, or is ended, while a thousand calls of its mini-program wait for their answers.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'

const { FinAppClient } = createRequire(import.meta.url)(workerData.modulePath)

const folder = mkdtempSync(join(tmpdir(), 'finapp-worker-'))
writeFileSync(join(folder, 'app.json'), '{"pages": []}')
writeFileSync(join(folder, 'FinClipConf.js'), `module.exports = { extApi: [{ name: 'wait' }] }`)
writeFileSync(join(folder, 'app.js'), `setInterval(() => {}, 4); for (let n = 0; n < 1000; n++) ft.wait({})`)

const client = FinAppClient.init({ limits: { callsInFlight: 1_000 } })
let open = 0
client.registerCustomApi('wait', (/** @type {any} */ { extInfo }) => {
  if (open++ % 2) extInfo.signal.onAbort(() => {})
  if (open < 1_000) return
  rmSync(folder, { recursive: true, force: true })
  parentPort?.postMessage('open')
})
parentPort?.on('message', () => process.exit(0))
await client.startApplet({ appId: 'demo', offlineLibraryPath: folder })
