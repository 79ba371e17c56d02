// `reportEvent` through the module: from a mini-program to a collector that Node serves.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import test from 'node:test'
import { Host, within } from './support.mjs'

test('f_m08_what_a_mini_program_reports_reaches_the_collector_of_the_configuration', async () => {
  /** @type {Array<{authorization: string | undefined, records: any[]}>} */
  const requests = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request.setEncoding('utf8')) text += part
    const { scopeLogs } = JSON.parse(text).resourceLogs[0]
    requests.push({ authorization: request.headers.authorization, records: scopeLogs[0].logRecords })
    response.end('{}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  const report = { endpoint: `http://127.0.0.1:${port}`, headers: { authorization: 'Bearer secret' }, intervalMs: 1 }
  const host = new Host({ report })
  try {
    const said = await host.run("ft.report(ft.reportEvent('paid', { amount: 3, by: 'card' }))")
    assert.deepEqual(said, { errMsg: 'reportEvent:ok' })
    const sent = async () => {
      while (host.client.reportCounters().sent === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await within(sent(), 'the event is sent')
    assert.equal(requests.length, 1)
    assert.equal(requests[0].authorization, 'Bearer secret')
    assert.equal(requests[0].records[0].eventName, 'paid')
    assert.deepEqual(requests[0].records[0].body.kvlistValue.values, [
      { key: 'amount', value: { intValue: '3' } },
      { key: 'by', value: { stringValue: 'card' } },
    ])
    const { waiting, ...counters } = host.client.reportCounters()
    assert.deepEqual(counters, { stored: 1, sent: 1, dropped: 0, rejected: 0, retries: 0 })
    assert.ok(waiting <= 1, 'it is forgotten soon')
  } finally {
    await host.end()
    server.close()
    server.closeAllConnections()
  }
})
