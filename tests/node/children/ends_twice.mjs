// Shuts clients down twice, at once, and again from an exit hook; leaves one open at the end of the process.
// Argument: the path of the module.

import { createRequire } from 'node:module'

const { FinAppClient } = createRequire(import.meta.url)(String(process.argv[2]))

for (let round = 0; round < 5; round++) {
  const client = FinAppClient.init({ phone: String(round) })
  await Promise.all([client.shutdown(), client.shutdown(), client.shutdown()])
  await client.shutdown()
}
const ending = FinAppClient.init({ phone: 'ending' })
ending.shutdown()
const open = FinAppClient.init({ phone: 'open' })
open.registerCustomApi('scan', () => {})
process.on('exit', () => {
  ending.shutdown()
  open.shutdown()
  open.shutdown()
})
console.log('done')
process.exit(0)
