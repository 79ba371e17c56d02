// Runs a mini-program that logs hostile texts, with the log of the platform: standard error, or hilog.
// Argument: the path of the module. The library's own line at the end says that all of them were written.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [modulePath] = process.argv.slice(2)
const { FinAppClient } = createRequire(import.meta.url)(String(modulePath))

const folder = mkdtempSync(join(tmpdir(), 'finapp-logs-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
writeFileSync(join(folder, 'app.json'), '{"pages": []}')
writeFileSync(join(folder, 'FinClipConf.js'), "module.exports = { extApi: { name: 'done' } }")
writeFileSync(
  join(folder, 'app.js'),
  String.raw`
  console.info('%s%n%d%x%99999s')
  console.info('%{public}s %{private}s 100%')
  console.warn('a\0b', 'c\nhilog E 00000/forged: d')
  console.error('\ud800 \u{10ffff}')
  console.info('\u4e2d'.repeat(10000))
  ft.done()`,
)

const client = FinAppClient.init({})
client.registerCustomApi('done', () => {
  // The mini-program calls while it starts; a client that shuts down before it has would let the start fail.
  void started.then(() => client.shutdown())
})
const started = client.startApplet({ appId: 'demo', offlineLibraryPath: folder })
started.catch(() => process.exit(3))
