// Makes one ES module of the layer and the two frameworks under it, for `cargo xtask bundle`, which says where the npm
// packages are installed and where the module goes.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { compilerOptions, frameworkSources } from './sources.mjs'

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

// What would draw into a browser's document, and the framework's own developer tools. Nothing of it is ever reached.
const tools = ['performanceMeasureStart', 'performanceMeasureEnd', 'performanceMeasureRenderWaterfall', 'addTimelineEvent',
  'attachInspector', 'detachInspector']
/** @type {Record<string, string>} */
const unused = {
  'dev_tools.ts': tools.map((name) => `export const ${name} = () => {}`).join('\n'),
  'backend/current_window_backend_context.ts': 'export class CurrentWindowBackendContext {}',
  'tmpl/native_rendering.ts': 'export class GlassEaselTemplateDOM {}'
}

const framework = join(installed, 'node_modules/glass-easel/src')

await build({
  entryPoints: [join(import.meta.dirname, 'layer/install.js')],
  outfile: output,
  bundle: true,
  format: 'esm',
  target: 'es2023',
  minify: true,
  legalComments: 'none',
  tsconfigRaw: { compilerOptions },
  nodePaths: [join(installed, 'node_modules')],
  // Each of the two looks these up when it runs; a mini-program may have put something else there by then.
  inject: [join(import.meta.dirname, 'layer/globals.js')],
  plugins: [frameworkSources(framework, constants, unused)],
  logLevel: 'warning'
})
