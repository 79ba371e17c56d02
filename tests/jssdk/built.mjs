// The library as it ships, built anew for each run of a suite.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const folder = mkdtempSync(join(tmpdir(), 'finapp-jssdk-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
// A Node that runs through a loader cannot name its own program.
execFileSync(process.env.FINAPP_TEST_NODE ?? process.execPath, [join(import.meta.dirname, '../../jssdk/build.mjs'), folder])

/** The classic script. */
export const script = readFileSync(join(folder, 'jssdk.js'), 'utf8')
/** The ES module. */
export const esModule = readFileSync(join(folder, 'jssdk.mjs'), 'utf8')
