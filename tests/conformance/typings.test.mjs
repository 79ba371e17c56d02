// The names that mini-programs find in `wx`, against WeChat's own declarations of them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hosted } from '../node/support.mjs'
import { declared as declarations } from './declared.mjs'
import { start } from './program.mjs'

/** What `wx` has beside WeChat's, and why. */
const BESIDE = {
  'what FinClip and TCMPP add': ['onCustomEvent', 'offCustomEvent', 'addCustomEventListener', 'removeCustomEventListener',
    'loadExtApi', 'invokeNativePlugin', 'getAppletInfo', 'getPhoneNumber', 'getLocalImgData', 'sendWebviewEvent'],
  'of WeChat, documented for mini-programs that still use it': ['saveFile', 'getFileInfo', 'getSavedFileInfo',
    'getSavedFileList', 'removeSavedFile'],
  'of WeChat, declared for components alone': ['createMediaQueryObserver'],
  'of these tests': ['report', 'testPanic'],
}

/** Declared without a Promise; that it gives one beside what is declared harms nobody. */
const PROMISING_TOO = ['getSystemInfoAsync']

/** Calling these ends the mini-program or its page. */
const ENDING = ['exitMiniProgram', 'restartMiniProgram', 'reLaunch']

test(
  'f_m12_what_wx_offers_is_declared_in_the_typings',
  hosted(async (host) => {
    const declared = new Map([...declarations()].map(([name, { gives }]) => [name, gives]))
    assert.equal(declared.size, 499)
    const called = [...declared.keys()].filter((name) => !ENDING.includes(name))
    for (const name of PROMISING_TOO) declared.set(name, 'promise')
    const promising = [...declared.keys()].filter((name) => declared.get(name) === 'promise')
    await start(host, [], {
      'pages/main/main.wxml': '<view/>',
      'pages/main/main.js': `
        const gives = (name) => {
          if (typeof wx[name] !== 'function') return 'no function'
          if (!${JSON.stringify(called)}.includes(name)) return 'unknown'
          try {
            const given = ${JSON.stringify(promising)}.includes(name) ? wx[name]({}) : wx[name]()
            if (typeof given?.then !== 'function') return 'value'
            given.then(() => {}, () => {})
            return 'promise'
          } catch {
            return 'value'
          }
        }
        Page({ onReady() {
          const { report } = ft
          report({ offered: Object.keys(wx).filter((name) => name !== 'report').map((name) => [name, gives(name)]) })
        } })`,
    })
    /** @type {{ offered: Array<[string, string]> }} */
    const { offered } = /** @type {any} */ (await host.reported())
    const beside = Object.values(BESIDE).flat()
    const undeclared = offered.map(([name]) => name).filter((name) => !declared.has(name) && !beside.includes(name))
    assert.deepEqual(undeclared, [])
    const others = offered.filter(([name, gives]) => declared.has(name) && gives !== 'unknown' && gives !== declared.get(name))
    assert.deepEqual(others.map(([name, gives]) => `${name}: ${gives}, not ${declared.get(name)}`), [])
    assert.ok(offered.length > 100, `${offered.length} are offered`)
  }),
)
