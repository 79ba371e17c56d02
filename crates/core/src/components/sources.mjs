// How the component framework's TypeScript sources are read into a bundle, as a plugin of esbuild: for the layer's own
// bundle, and for the framework's own tests, which run what is shipped.
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

// The framework's copies of data would turn dates into empty objects; ours keep them.
const copies = `export { simpleDeepCopy, deepCopy } from ${JSON.stringify(join(import.meta.dirname, 'layer/copy.js'))}\n`

/**
 * The circles among its files only come apart in the right order when an import of nothing but a `const enum` is none,
 * as for the compiler that it is written for. So each file gets a copy of what it uses.
 * @param {string} framework
 */
const enumsOf = (framework) => {
  /** @type {Record<string, string>} */
  const enums = {}
  for (const file of readdirSync(framework, { recursive: true })) {
    if (!`${file}`.endsWith('.ts')) continue
    for (const [text, name] of readFileSync(join(framework, `${file}`), 'utf8').matchAll(/const enum (\w+) \{[^}]*\}/g)) {
      enums[name] = text
    }
  }
  return enums
}

/** Names a type that it hands on, which is an import for all who cannot tell: another such circle. */
const TYPE_HANDED_ON = "export { TmplDevArgs } from './tmpl/proc_gen_wrapper'"

/** @param {string} contents @param {Record<string, string>} enums */
const withoutEnumImports = (contents, enums) => {
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

/**
 * @param {string} framework its folder of sources
 * @param {Record<string, string>} constants what its own build replaces
 * @param {Record<string, string>} [unused] files with what stands in their place
 */
export const frameworkSources = (framework, constants, unused = {}) => {
  const enums = enumsOf(framework)
  return {
    name: 'framework-sources',
    /** @param {any} build */
    setup(build) {
      build.onResolve({ filter: /^glass-easel$/ }, () => ({ path: join(framework, 'index.ts'), sideEffects: false }))
      build.onLoad({ filter: /glass-easel[/\\]src[/\\].*\.ts$/ }, (/** @type {{path: string}} */ { path }) => {
        const name = relative(framework, path).replaceAll('\\', '/')
        if (unused[name] !== undefined) return { contents: unused[name], loader: 'ts' }
        let contents = readFileSync(path, 'utf8')
        if (name === 'data_utils.ts') contents = contents.replace(/^[^]*?(?=export const enum)/, copies)
        contents = contents.replace(TYPE_HANDED_ON, '')
        for (const [name, value] of Object.entries(constants)) contents = contents.replaceAll(name, value)
        return { contents: withoutEnumImports(contents, enums), loader: 'ts' }
      })
    }
  }
}

/** As the framework's own build has it: an import of types alone is none, and a field without a value is not made. */
export const compilerOptions = { verbatimModuleSyntax: false, useDefineForClassFields: false }
