// The HAR's watch over the network, with a stand-in for the system's kit that can lose its network.

import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { installLoader } from './loader.mjs'
import { root } from './sources.mjs'

installLoader(join(root, 'no-module-is-needed'))
const require = createRequire(import.meta.url)
/** @type {any} */
const { NetworkWatch, networkFacts } = require(join(root, 'finapp/src/main/ets/NetworkFacts.ets'))
/** @type {any} */
const { connection } = require(join(root, 'tests/arkts/kits/NetworkKit.cjs'))

test('f_m18_another_network_is_told_until_the_watch_ends', () => {
  assert.deepEqual(networkFacts(), { networkType: 'wifi' })
  /** @type {object[]} */
  const told = []
  const watch = new NetworkWatch((/** @type {object} */ facts) => told.push(facts))
  connection.become(false)
  connection.become(true)
  watch.end()
  connection.become(false)
  assert.equal(connection.listening(), 0)
  assert.deepEqual(told, [{ network: { networkType: 'none' } }, { network: { networkType: 'wifi' } }])
  connection.become(true)
})
