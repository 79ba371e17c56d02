// Makes one ES module of the layer and the two frameworks under it, for `cargo xtask bundle`, which says where the npm
// packages are installed and where the module goes.
import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'

const [, , installed, output] = process.argv
const { build } = createRequire(join(installed, 'package.json'))('esbuild')

// What the framework's own build replaces. We have one backend, so the code for the other kinds goes.
const constants = {
  'ENV.DEV': 'false',
  'BM.DYNAMIC': 'false',
  'BM.SHADOW': 'false',
  'BM.COMPOSED': 'true',
  'BM.DOMLIKE': 'false'
}

// The framework's copies of data would turn dates into empty objects; ours keep them.
const copies = `export { simpleDeepCopy, deepCopy } from ${JSON.stringify(join(import.meta.dirname, 'layer/copy.js'))}\n`

const framework = join(installed, 'node_modules/glass-easel/src')

// What would draw into a browser's document, and the framework's own developer tools. Nothing of it is ever reached.
const tools = ['performanceMeasureStart', 'performanceMeasureEnd', 'performanceMeasureRenderWaterfall', 'addTimelineEvent',
  'attachInspector', 'detachInspector']
/** @type {Record<string, string>} */
const unused = {
  'dev_tools.ts': tools.map((name) => `export const ${name} = () => {}`).join('\n'),
  'backend/current_window_backend_context.ts': 'export class CurrentWindowBackendContext {}',
  'tmpl/native_rendering.ts': 'export class GlassEaselTemplateDOM {}'
}

/** @type {Record<string, string>} */
const enums = {}
for (const file of readdirSync(framework, { recursive: true })) {
  if (!`${file}`.endsWith('.ts')) continue
  for (const [text, name] of readFileSync(join(framework, `${file}`), 'utf8').matchAll(/const enum (\w+) \{[^}]*\}/g)) {
    enums[name] = text
  }
}

// The circles among its files only come apart in the right order when an import of nothing but a `const enum` is none,
// as for the compiler that it is written for. So each file gets a copy of what it uses.
const withoutEnumImports = (/** @type {string} */ contents) => {
  let used = ''
  const rest = contents.replace(/^import \{([^}]*)\} from '[^']*'/gm, (whole, /** @type {string} */ names) => {
    let kept = whole
    for (const name of names.split(',').map((name) => name.trim())) {
      const text = enums[name.replace(/ as .*/, '')]
      if (text === undefined) continue
      used += `${text}\n`
      kept = kept.replace(new RegExp(`\\b${name}\\b,?`), '')
    }
    return kept
  })
  return used + rest
}

const oneBackend = {
  name: 'one-backend',
  /** @param {any} build */
  setup(build) {
    build.onResolve({ filter: /^glass-easel$/ }, () => ({ path: join(framework, 'index.ts'), sideEffects: false }))
    build.onLoad({ filter: /glass-easel[/\\]src[/\\].*\.ts$/ }, (/** @type {{path: string}} */ { path }) => {
      const name = relative(framework, path).replaceAll('\\', '/')
      if (unused[name] !== undefined) return { contents: unused[name], loader: 'ts' }
      let contents = readFileSync(path, 'utf8')
      if (name === 'data_utils.ts') contents = contents.replace(/^[^]*?(?=export const enum)/, copies)
      for (const [name, value] of Object.entries(constants)) contents = contents.replaceAll(name, value)
      return { contents: withoutEnumImports(contents), loader: 'ts' }
    })
  }
}

await build({
  entryPoints: [join(import.meta.dirname, 'layer/install.js')],
  outfile: output,
  bundle: true,
  format: 'esm',
  target: 'es2023',
  minify: true,
  legalComments: 'none',
  // As the framework's own build has it: an import of types alone is none, and a field without a value is not made.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: false, useDefineForClassFields: false } },
  nodePaths: [join(installed, 'node_modules')],
  // Each of the two looks these up when it runs; a mini-program may have put something else there by then.
  inject: [join(import.meta.dirname, 'layer/globals.js')],
  plugins: [oneBackend],
  logLevel: 'warning'
})
