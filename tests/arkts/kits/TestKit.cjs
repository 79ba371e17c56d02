// Stands in for @kit.TestKit: gives the suites the context of an app that has a folder and raw files.

const { mkdtempSync, readFileSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const filesDir = mkdtempSync(join(tmpdir(), 'finapp-arkts-'))
process.on('exit', () => rmSync(filesDir, { recursive: true, force: true }))

const rawfiles = join(__dirname, '../../../finapp/src/ohosTest/resources/rawfile')

const context = {
  filesDir,
  cacheDir: filesDir,
  applicationInfo: { name: 'com.example.finapp' },
  resourceManager: {
    /** @param {string} path */
    getRawFileContentSync(path) {
      return new Uint8Array(readFileSync(join(rawfiles, path)))
    },
  },
}

const abilityDelegatorRegistry = { getAbilityDelegator: () => ({ getAppContext: () => context }) }

module.exports = { abilityDelegatorRegistry }
