// Lets Node load ArkTS: `.ets` files and hypium's ES modules are transpiled, the kits of the system are replaced by
// what lies in kits/, and `libfinapp.so` is the real native module. Types are not checked here; check.mjs does that.

import { existsSync, readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'ohos-typescript'
import { ets } from './grammar.mjs'
import { root, shown } from './sources.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

/** @typedef {NodeJS.Module & { _compile(code: string, file: string): void }} Loaded */
/** @typedef {(loaded: Loaded, file: string) => void} Extension */
/** @typedef {(name: string, ...rest: unknown[]) => unknown} ByName */

// What Node does not declare: the places where CommonJS loading can be changed.
const hooks = /** @type {{ _extensions: Record<string, Extension>, _load: ByName, _resolveFilename: ByName }} */ (
  /** @type {unknown} */ (Module)
)

/** @type {ts.CompilerOptions} */
const options = {
  ets,
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2021,
  esModuleInterop: true,
  experimentalDecorators: true,
  inlineSourceMap: true,
}

const hypium = dirname(require.resolve('@ohos/hypium/package.json'))

// hypium tells every step of its protocol to the console; our report says the same in a line a test.
const SILENT = 'const console = { log() {}, info() {}, debug() {}, warn() {}, error() {} };'

/**
 * Changes `require` for the rest of the process.
 * @param {string} modulePath the native module
 */
export function installLoader(modulePath) {
  process.setSourceMapsEnabled(true)
  // A mark of classes that ArkTS can share between threads; here there is one thread.
  Object.assign(globalThis, { Sendable: (/** @type {Function} */ marked) => marked })

  const loadScript = hooks._extensions['.js']
  hooks._extensions['.ets'] = (loaded, file) => {
    if (isView(file)) loaded.exports = standInForView(file)
    else loaded._compile(transpiled(file), file)
  }
  hooks._extensions['.js'] = (loaded, file) => {
    if (file.startsWith(hypium)) loaded._compile(SILENT + transpiled(file), file)
    else loadScript(loaded, file)
  }

  const resolveFilename = hooks._resolveFilename
  hooks._resolveFilename = (name, ...rest) => resolveFilename(fileOf(name), ...rest)

  /** @type {Record<string, unknown> | undefined} */
  let native
  const load = hooks._load
  hooks._load = (name, ...rest) => {
    if (name !== 'libfinapp.so') return load(name, ...rest)
    native ??= loadNative(modulePath)
    return native
  }
}

// Where the modules lie that an app gets from the system or from ohpm. Other names are Node's business: for './X' it
// tries X.ets too, since that is a known ending now.
function fileOf(/** @type {string} */ name) {
  if (name === '@finapp/sdk') return join(root, 'finapp/Index.ets')
  if (name === '@ohos/hypium') return join(hypium, 'index.js')
  if (!/^@(kit|ohos)\./.test(name)) return name
  const file = join(here, 'kits', `${name.replace(/^@kit\./, '')}.cjs`)
  if (!existsSync(file)) throw new Error(`there is no stand-in for ${name}: write ${shown(file)}`)
  return file
}

/** @param {string} modulePath */
function loadNative(modulePath) {
  const loaded = { exports: /** @type {Record<string, unknown>} */ ({}) }
  process.dlopen(loaded, resolve(modulePath))
  return { ...loaded.exports, default: loaded.exports, __esModule: true }
}

/** @param {string} file */
function transpiled(file) {
  // The compiler treats a script as CommonJS already, so a script is presented as TypeScript.
  const fileName = file.replace(/\.js$/, '.ts')
  try {
    return ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions: options, fileName }).outputText
  } catch (error) {
    throw new Error(`${shown(file)} cannot be transpiled; a file with a component belongs into a folder \`view\``, {
      cause: error,
    })
  }
}

/** @param {string} file */
function isView(file) {
  return basename(dirname(file)) === 'view'
}

// The transpiler cannot emit components, and Node has no ArkUI to show them. A module that passes a component on can be
// loaded all the same; only a test that really takes it fails.
/** @param {string} file */
function standInForView(file) {
  return new Proxy(
    {},
    {
      get(_, name) {
        if (name === '__esModule') return true
        throw new Error(`${String(name)} of ${shown(file)} is a component: it can be checked here, but not run`)
      },
    },
  )
}
