// The peer of `h5_call`: a page calls a function of this process through Playwright's `exposeFunction`.
// `node playwright.mjs <browser> <params as JSON>`; for each line with a number it makes so many calls and writes a line.

import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

const [executablePath = '', params = ''] = process.argv.slice(2)

const browser = await chromium.launch({ executablePath, chromiumSandbox: false })
const page = await browser.newPage()
await page.exposeFunction('echo', (/** @type {unknown} */ data) => data)
await page.evaluate(`globalThis.run = async (calls, params) => {
  for (let n = 0; n < calls; n++) await echo(params)
}`)
console.log('ready')
for await (const calls of createInterface({ input: process.stdin })) {
  await page.evaluate(`run(${Number(calls)}, ${params})`)
  console.log('done')
}
await browser.close()
