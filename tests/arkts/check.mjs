// Checks ArkTS files as OpenHarmony's own build does: types, the rules of ArkTS, and (what that build leaves to the
// editor) that no SDK member is used which the oldest supported system lacks.
// Usage: node tests/arkts/check.mjs [FILES...]    without files: all .ets of finapp/ and entry/

import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'ohos-typescript'
import { componentFiles, ets, sdk } from './grammar.mjs'
import { oldestLevel, tooNewMembers } from './levels.mjs'
import { projectFiles, root, shown } from './sources.mjs'

/** @typedef {{ path: string, line: number, column: number, code: string, text: string }} Finding */

// "May throw" is advice and no rule.
const ADVICE = 28040

// What the resolver of ohpm would find in oh_modules, which only ohpm can fill.
/** @type {Record<string, string>} */
const packages = {
  'libfinapp.so': join(root, 'finapp/types/libfinapp/index.d.ts'),
  '@finapp/sdk': join(root, 'finapp/Index.ets'),
  '@ohos/hypium': createRequire(import.meta.url).resolve('@ohos/hypium/index.d.ts'),
}

const buildInfo = join(root, 'target/arkts/check.tsbuildinfo')

/** @type {ts.CompilerOptions} */
const options = {
  ets,
  noEmit: true,
  allowJs: true,
  checkJs: false,
  // The linter wants a builder, and a builder wants to know where it could keep its notes.
  incremental: true,
  tsBuildInfoFile: buildInfo,
  module: ts.ModuleKind.ES2020,
  moduleResolution: ts.ModuleResolutionKind.NodeJs,
  target: ts.ScriptTarget.ES2021,
  lib: ['lib.es2021.d.ts'],
  types: [],
  experimentalDecorators: true,
  esModuleInterop: true,
  skipLibCheck: true,
  packageManagerType: 'ohpm',
  needDoArkTsLinter: true,
  // Breaches are errors and not warnings.
  isCompatibleVersion: false,
  skipOhModulesLint: true,
  compatibleSdkVersion: oldestLevel,
  compatibleSdkVersionStage: 'beta3',
  maxFlowDepth: 2000,
}

/**
 * Checks `files` and returns what is wrong in them, each finding once, by file and line.
 * @param {string[]} files
 * @returns {Finding[]}
 */
export function check(files) {
  const checked = new Set(files.map((file) => resolve(file)))
  mkdirSync(dirname(buildInfo), { recursive: true })
  const rootNames = [...checked, ...componentFiles, join(sdk, 'global.d.ts')]
  const builder = ts.createIncrementalProgramForArkTs({ rootNames, options, host: createHost() })
  const rules = ts.ArkTSLinter_1_1.runArkTSLinter(builder, undefined, undefined, 'ArkTS_1_1')
  const program = builder.getProgram()
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(),
    ...builder.getSemanticDiagnostics(),
    ...rules,
  ].filter((diagnostic) => diagnostic.code !== ADVICE)

  /** @type {Map<string, Finding>} */
  const found = new Map()
  const put = (/** @type {Finding} */ finding) => found.set(written(finding), finding)
  for (const diagnostic of diagnostics) {
    // The declarations of the SDK are not ours to correct.
    if (!diagnostic.file || checked.has(resolve(diagnostic.file.fileName))) put(ofDiagnostic(diagnostic))
  }
  for (const file of checked) {
    const source = program.getSourceFile(file)
    if (!source) throw new Error(`${shown(file)} is not part of the program`)
    for (const { node, text } of tooNewMembers(program, source)) put(at(source, node.getStart(), 'level', text))
  }
  return [...found.values()].sort(inOrder)
}

/**
 * @param {Finding} a
 * @param {Finding} b
 */
function inOrder(a, b) {
  if (a.path !== b.path) return a.path < b.path ? -1 : 1
  return a.line - b.line || a.column - b.column
}

/**
 * A finding in one line.
 * @param {Finding} finding
 */
export function written({ path, line, column, code, text }) {
  return `${path}:${line}:${column} ${code} ${text}`
}

function createHost() {
  const host = ts.createIncrementalCompilerHost(options)
  host.resolveModuleNames = (names, from) => names.map((name) => resolveModule(name, from, host))
  // Questions about the conditional parts of a vendor's SDK; the checker stops when nobody answers them.
  host.getJsDocNodeCheckedConfig = () => ({ nodeNeedCheck: false, checkConfig: [] })
  host.getJsDocNodeConditionCheckedResult = () => ({ valid: true })
  host.getFileCheckedModuleInfo = (file) => ({
    fileNeedCheck: false,
    checkPayload: undefined,
    currentFileName: file,
  })
  return host
}

/**
 * @param {string} name
 * @param {string} from
 * @param {ts.CompilerHost} host
 * @returns {ts.ResolvedModuleFull | undefined}
 */
function resolveModule(name, from, host) {
  const known = packages[name]
  if (known) {
    return { resolvedFileName: known, extension: known.endsWith('.ets') ? ts.Extension.Ets : ts.Extension.Dts }
  }
  const found = ts.resolveModuleName(name, from, options, host).resolvedModule
  if (found) return found
  for (const folder of ['api', 'kits', 'arkts']) {
    for (const extension of [ts.Extension.Dts, ts.Extension.Dets]) {
      const file = join(sdk, folder, name + extension)
      if (existsSync(file)) return { resolvedFileName: file, extension }
    }
  }
  return undefined
}

/**
 * @param {ts.Diagnostic} diagnostic
 * @returns {Finding}
 */
function ofDiagnostic({ file, start, code, messageText }) {
  const text = ts.flattenDiagnosticMessageText(messageText, ' ')
  if (!file) return { path: '(options)', line: 0, column: 0, code: String(code), text }
  return at(file, start ?? 0, String(code), text)
}

/**
 * @param {ts.SourceFile} source
 * @param {number} position
 * @param {string} code
 * @param {string} text
 * @returns {Finding}
 */
function at(source, position, code, text) {
  const { line, character } = source.getLineAndCharacterOfPosition(position)
  return { path: shown(resolve(source.fileName)), line: line + 1, column: character + 1, code, text }
}

function main() {
  const named = process.argv.slice(2)
  const files = named.length > 0 ? named : projectFiles('.ets')
  const missing = files.filter((file) => !existsSync(file))
  if (files.length === 0 || missing.length > 0) {
    console.error(files.length === 0 ? 'no .ets file found' : `no such file: ${missing.join(', ')}`)
    process.exitCode = 2
    return
  }
  const findings = check(files)
  for (const finding of findings) console.log(written(finding))
  console.log(`${files.length} ArkTS files checked, ${findings.length} findings`)
  process.exitCode = findings.length === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
