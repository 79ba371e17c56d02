// Ends the process in one of several ways while a thousand calls wait for their answers.
// Arguments: the path of the module, and how to end.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [modulePath, how] = process.argv.slice(2)
const { FinAppClient } = createRequire(import.meta.url)(String(modulePath))

const folder = mkdtempSync(join(tmpdir(), 'finapp-pending-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const apis = [{ name: 'wait' }, { name: 'end' }, { name: 'endNow', sync: true }]
writeFileSync(join(folder, 'app.json'), '{"pages": []}')
writeFileSync(join(folder, 'FinClipConf.js'), `module.exports = { extApi: ${JSON.stringify(apis)} }`)
writeFileSync(
  join(folder, 'app.js'),
  `setInterval(() => {}, 4)
   for (let n = 0; n < 1000; n++) ft.wait({})
   if (${JSON.stringify(how)} === 'exit-in-sync-handler') ft.endNow()
   if (${JSON.stringify(how)} === 'exit-while-starting') for (;;) {}
   ft.end({})`,
)

const client = FinAppClient.init({ limits: { callsInFlight: 2_000, turnForegroundMs: 60_000 } })
let open = 0
client.registerCustomApi('wait', (/** @type {any} */ { extInfo }) => {
  if (open % 2) extInfo.signal.onAbort(() => {})
  open++
  if (open < 1_000) return
  console.log(`open: ${open}`)
  if (how === 'exit-while-starting') process.exit(0)
})
client.registerSyncApi('endNow', () => process.exit(0))
client.registerCustomApi('end', () => {
  if (how === 'exit-in-handler') process.exit(0)
  setImmediate(() => {
    if (how === 'exit') process.exit(0)
    if (how === 'uncaught') throw new Error('an uncaught exception of the host')
    if (how === 'shutdown') client.shutdown()
  })
})
// An exception that nobody catches ends the process with a number that nothing else gives.
if (how === 'uncaught') process.on('uncaughtException', () => process.exit(7))
client.startApplet({ appId: 'demo', offlineLibraryPath: folder }).catch(() => {})
