// Tells what it finds in the storage of a mini-program, then stores numbers for ever and tells each that has been
// acknowledged, until it is killed. Arguments: the path of the module, and the folder of package and data.

import { mkdirSync, writeFileSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [modulePath, folder] = process.argv.slice(2)
const { FinAppClient } = createRequire(import.meta.url)(String(modulePath))

const offlineLibraryPath = join(String(folder), 'package')
mkdirSync(offlineLibraryPath, { recursive: true })
writeFileSync(join(offlineLibraryPath, 'app.json'), '{"pages": []}')
writeFileSync(
  join(offlineLibraryPath, 'app.js'),
  `ft.loadExtApi([{ name: 'tell' }])
   const value = (n) => ({ n, whole: (n + ',').repeat(1 + n % 997) })
   const number = (found) => found === '' ? 0 : found.whole === value(found.n).whole ? found.n : -1
   const [x, y] = wx.batchGetStorageSync(['x', 'y']).map(number)
   const found = { one: number(wx.getStorageSync('one')), sync: number(wx.getStorageSync('sync')), batch: x === y ? x : -1 }
   ft.tell({ found })
   const one = (n) => wx.setStorage({ key: 'one', data: value(n), success() { ft.tell({ one: n }); one(n + 1) } })
   const batch = (n) => wx.batchSetStorage({
     kvList: [{ key: 'x', value: value(n) }, { key: 'y', value: value(n) }],
     success() { ft.tell({ batch: n }); batch(n + 1) },
   })
   let sync = found.sync
   setInterval(() => { wx.setStorageSync('sync', value(++sync)); ft.tell({ sync }) }, 4)
   one(found.one + 1)
   batch(found.batch + 1)`,
)

const client = FinAppClient.init({ dataDir: join(String(folder), 'data') })
client.registerCustomApi('tell', (/** @type {any} */ { params, callback }) => {
  writeSync(1, `${JSON.stringify(params)}\n`)
  callback.onSuccess()
})
client.startApplet({ appId: 'demo', offlineLibraryPath })
