// The bench rows of the Node side: `node benches/node/main.mjs --module <path> --out <file.json> [row…]`.
// Each row runs ours and its reference by turns, prints one line and stands in the file. Names of rows that are
// measured elsewhere are passed over.

import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { binary512k } from './binary.mjs'
import { asyncHostPipe, asyncHostPipeVsPeer, asyncHostSeq, scale, syncHost } from './calls.mjs'
import { line } from './measure.mjs'

/** @typedef {import('./measure.mjs').Figures} Figures */

/** @type {Record<string, (module: string) => Promise<Figures>>} */
const rows = {
  sync_host: syncHost,
  async_host_seq: asyncHostSeq,
  async_host_pipe: asyncHostPipe,
  async_host_pipe_vs_peer: asyncHostPipeVsPeer,
  binary_512k: binary512k,
  scale,
}

const { values, positionals: asked } = parseArgs({
  options: { module: { type: 'string' }, out: { type: 'string' } },
  allowPositionals: true,
})
const module = values.module ?? process.env.FINAPP_MODULE ?? 'target/finapp.node'

/** @type {Record<string, Figures>} */
const results = {}
for (const [name, run] of Object.entries(rows)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  results[name] = await run(module)
  console.log(line(name, results[name]))
}
if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(results, null, 2) + '\n')
