// The storage family through the module: values, failures, damage, and a process that is killed while it writes.

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Host, launch, native, within } from './support.mjs'

/** @typedef {import('./support.mjs').FinAppConfig} FinAppConfig */

/** @param {(folder: string) => Promise<void>} body */
const inFolder = (body) => async () => {
  const folder = mkdtempSync(join(tmpdir(), 'finapp-storage-'))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * A host that ends with `body`, also when that fails.
 * @param {FinAppConfig} config
 * @param {(host: Host) => Promise<void>} body
 */
const withHost = async (config, body) => {
  const host = new Host(config)
  try {
    await body(host)
  } finally {
    await host.end()
  }
}

test('f_m13_what_is_stored_is_there_for_the_next_client', inFolder(async (folder) => {
  const config = { dataDir: folder, currentUserId: 'ada@example' }
  await withHost(config, async (first) => {
    assert.deepEqual(
      await first.run(`
        wx.setStorageSync('when', new Date(5))
        wx.setStorage({ key: 'object', data: { bytes: new Uint8Array([1, 2]) }, success: (r) => ft.report(r) })`),
      { errMsg: 'setStorage:ok' },
    )
  })
  await withHost(config, async (second) => {
    const read = `
      const when = wx.getStorageSync('when')
      wx.getStorage({ key: 'object', success: ({ data, errMsg }) =>
        ft.report({ date: when instanceof Date && +when, bytes: data.bytes, errMsg, ...wx.getStorageInfoSync() }) })`
    const { bytes, ...rest } = await second.run(read)
    assert.deepEqual(new Uint8Array(bytes), new Uint8Array([1, 2]))
    assert.deepEqual(rest, { date: 5, errMsg: 'getStorage:ok', keys: ['when', 'object'], currentSize: 1, limitSize: 10240 })
  })
}))

test('f_m13_limits_are_those_of_the_configuration', inFolder(async (folder) => {
  const limits = { storageBytes: 10_240, storageValueBytes: 4_096, storageKeyBytes: 8 }
  await withHost({ dataDir: folder, limits }, async (host) => {
    const said = await host.run(`
      const tried = (run) => { try { run(); return 'ok' } catch (error) { return error.errMsg + ' ' + error.errCode } }
      ft.report({
        value: tried(() => wx.setStorageSync('key', 'x'.repeat(4097))),
        key: tried(() => wx.setStorageSync('long keys', 1)),
        quota: tried(() => wx.batchSetStorageSync([1, 2, 3].map(n => ({ key: 'k' + n, value: 'x'.repeat(4000) })))),
        fits: tried(() => wx.setStorageSync('key', 'x'.repeat(4000))),
      })`)
    assert.deepEqual(said, {
      value: 'setStorageSync:fail exceed max size 20016',
      key: 'setStorageSync:fail parameter error: parameter.key should not be longer than 8 bytes; 10001',
      quota: 'batchSetStorageSync:fail exceed max size 20016',
      fits: 'ok',
    })
  })
  assert.throws(() => native.FinAppClient.init({ limits: { storageBytes: 0 } }), /limits\.storageBytes/)
}))

test('h_c15_the_host_hears_of_a_damaged_store_that_was_set_aside', inFolder(async (folder) => {
  await withHost({ dataDir: folder }, async (first) => {
    await first.run("wx.setStorageSync('key', 'x'.repeat(100000)); ft.report({})")
    await first.client.closeApplet('demo')
    await first.event('closed')
    // A run that reads begins when the one that wrote has let go of its files.
    await first.run("ft.report({ has: wx.getStorageSync('key').length })")
  })
  const kept = join(folder, '_shared', 'demo')
  truncateSync(join(kept, 'storage.sqlite'), 5_000)
  await withHost({ dataDir: folder }, async (second) => {
    assert.deepEqual(await second.run("ft.report({ has: wx.getStorageSync('key') })"), { has: '' })
    const { message } = await second.event('error')
    assert.match(String(message), /storage\.sqlite\.corrupt-1/)
    assert.ok(readdirSync(kept).includes('storage.sqlite.corrupt-1'))
    assert.ok(second.lines.some(({ level, line }) => level === 'error' && line.includes('corrupt-1')))
  })
}))

test('h_c13_a_killed_process_loses_nothing_that_was_acknowledged', inFolder(async (folder) => {
  /** @type {Record<string, number>} */
  const acknowledged = { one: 0, sync: 0, batch: 0 }
  for (let kill = 0; kill < 20; kill++) {
    const running = launch('storage_writer.mjs', folder)
    let [output, lines] = ['', 0]
    // Killed after so many acknowledgements that the moment within a write is left to chance.
    const most = 1 + Math.floor(Math.random() * 40)
    running.stdout.on('data', (text) => {
      output += text
      lines = output.split('\n').length - 1
      if (lines > most) running.kill('SIGKILL')
    })
    let errors = ''
    running.stderr.on('data', (text) => { errors += text })
    const signal = await within(new Promise((done) => running.on('close', (_, name) => done(name))), 'the end of the writer')
    assert.equal(signal, 'SIGKILL', errors)
    // What follows the last line end was cut short by the kill.
    const [begun, ...told] = output.split('\n').slice(0, -1).map((line) => JSON.parse(line))
    for (const [way, number] of Object.entries(begun.found)) {
      const least = Number(acknowledged[way])
      assert.ok(number >= least, `${way}: ${number} after ${kill} kills, ${least} was acknowledged`)
    }
    Object.assign(acknowledged, begun.found, ...told)
  }
  assert.ok(Object.values(acknowledged).some((number) => number > 20))
}))
