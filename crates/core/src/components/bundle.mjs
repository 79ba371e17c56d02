// Makes one ES module of the layer and the two frameworks under it, for `cargo xtask bundle`, which says where the npm
// packages are installed and where the module goes.
import { readFileSync } from 'node:fs'
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

// What would draw into a browser's document. Nothing of it is ever reached.
const unused = {
  'backend/current_window_backend_context.ts': 'export class CurrentWindowBackendContext {}',
  'tmpl/native_rendering.ts': 'export class GlassEaselTemplateDOM {}'
}

const oneBackend = {
  name: 'one-backend',
  setup(build) {
    build.onResolve({ filter: /^glass-easel$/ }, () => ({ path: join(framework, 'index.ts'), sideEffects: false }))
    build.onLoad({ filter: /glass-easel[/\\]src[/\\].*\.ts$/ }, ({ path }) => {
      const name = relative(framework, path).replaceAll('\\', '/')
      if (unused[name] !== undefined) return { contents: unused[name], loader: 'ts' }
      let contents = readFileSync(path, 'utf8')
      if (name === 'data_utils.ts') contents = contents.replace(/^[^]*?(?=export const enum)/, copies)
      for (const [name, value] of Object.entries(constants)) contents = contents.replaceAll(name, value)
      return { contents, loader: 'ts' }
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
  nodePaths: [join(installed, 'node_modules')],
  // Each of the two looks these up when it runs; a mini-program may have put something else there by then.
  inject: [join(import.meta.dirname, 'layer/globals.js')],
  plugins: [oneBackend],
  logLevel: 'warning'
})
