// A worker thread with a client of its own; ends by itself.

import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const { FinAppClient } = createRequire(import.meta.url)(workerData.modulePath)
const found = FinAppClient.getInstance() !== undefined
const client = FinAppClient.init({ phone: 'worker' })
/** @type {Promise<Record<string, unknown>>} */
const said = new Promise((done) => {
  client.registerCustomApi('report', (/** @type {any} */ args) => {
    done(args.params)
    args.callback.onSuccess()
  })
})
await client.startApplet({ appId: 'demo', offlineLibraryPath: workerData.offlineLibraryPath })
parentPort?.postMessage({ ...(await said), found })
await client.shutdown()
