// FinClip's own web base library, as its npm package has it: fetched by npm below the target folder, never part of the
// repository. `undefined` when npm cannot have it.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGE = '@finclip/applet-builder-ci@3.1.8'
const HASH = 'e21523b5e7263b8d48d24c8d81b5b1c2f41b46a24656952c75971db5ed677574'
const folder = join(import.meta.dirname, '../../target/jssdk-conformance')
const file = join(folder, 'package/src/assets/web.js')

/** The text of the library. @returns {string | undefined} */
export function finclip() {
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true })
    try {
      // Not `npm install`: one of its dependencies is not on npm, and none is needed.
      const packed = execFileSync('npm', ['pack', '--silent', '--ignore-scripts', PACKAGE], {
        cwd: folder,
        encoding: 'utf8',
      })
      execFileSync('tar', ['--extract', '--gzip', '--file', packed.trim()], { cwd: folder })
    } catch {
      return undefined
    }
  }
  const text = readFileSync(file)
  const hash = createHash('sha256').update(text).digest('hex')
  if (hash !== HASH) throw new Error(`${PACKAGE} holds another library than the one known: ${hash}`)
  return text.toString('utf8')
}
