// The check of the project files can fail: a small project that is right, and one change at a time that must be found.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checkProject } from './layout.mjs'

/** @typedef {Record<string, string | object | undefined>} Files texts, or values that are written as JSON */

const dependencies = {}
const moduleProfile = { apiType: 'stageMode', buildOption: {}, targets: [{ name: 'default' }, { name: 'ohosTest' }] }
const ability = {
  name: 'EntryAbility',
  srcEntry: './ets/abilities/EntryAbility.ets',
  icon: '$media:icon',
  label: '$string:label',
  startWindowIcon: '$media:icon',
  startWindowBackground: '$color:background',
  exported: true,
}
const entryModule = {
  name: 'entry',
  type: 'entry',
  mainElement: 'EntryAbility',
  deviceTypes: ['phone'],
  deliveryWithInstall: true,
  installationFree: false,
  pages: '$profile:main_pages',
  abilities: [ability],
  requestPermissions: [{ name: 'ohos.permission.INTERNET' }],
}
const har = {
  name: '@finapp/sdk',
  version: '1.2.3',
  description: 'the SDK',
  main: 'Index.ets',
  license: 'MIT',
  dependencies: { 'libfinapp.so': 'file:./types/libfinapp' },
  compatibleSdkVersion: '12',
  compatibleSdkType: 'HarmonyOS',
}
const product = {
  name: 'default',
  signingConfig: 'default',
  compatibleSdkVersion: '5.0.0(12)',
  runtimeOS: 'HarmonyOS',
}

/** @type {Files} */
const good = {
  'Cargo.toml': '[package]\nversion = "1.2.3"\nlicense = "MIT"\n',
  'oh-package.json5': { modelVersion: '5.0.0', dependencies, devDependencies: {} },
  'hvigor/hvigor-config.json5': "// A comment, and single quotes.\n{ modelVersion: '5.0.0', dependencies: {} }",
  'hvigorfile.ts': 'export default { system: appTasks }',
  'code-linter.json5': { files: ['**/*.ets'], ruleSet: ['plugin:@performance/recommended'] },
  'build-profile.json5': {
    app: { signingConfigs: [], products: [product], buildModeSet: [{ name: 'debug' }] },
    modules: [
      { name: 'entry', srcPath: './entry', targets: [{ name: 'default', applyToProducts: ['default'] }] },
      { name: 'finapp', srcPath: './finapp' },
    ],
  },
  'AppScope/app.json5': {
    app: {
      bundleName: 'com.example.app',
      vendor: 'somebody',
      versionCode: 1,
      versionName: '1.2.3',
      icon: '$media:app_icon',
      label: '$string:app_name',
    },
  },
  'AppScope/resources/base/element/string.json': { string: [{ name: 'app_name', value: 'App' }] },
  'AppScope/resources/base/media/app_icon.png': '',
  'finapp/hvigorfile.ts': 'export default { system: harTasks }',
  'finapp/oh-package.json5': har,
  'finapp/build-profile.json5': {
    ...moduleProfile,
    buildOptionSet: [{ name: 'release', arkOptions: { obfuscation: { consumerFiles: ['./consumer-rules.txt'] } } }],
  },
  'finapp/consumer-rules.txt': '-keep-property-name\n',
  'finapp/src/main/module.json5': { module: { name: 'finapp', type: 'har', deviceTypes: ['default'] } },
  'finapp/types/libfinapp/oh-package.json5': {
    name: 'libfinapp.so',
    types: './index.d.ts',
    version: '1.2.3',
    description: 'the library',
  },
  'finapp/Index.ets': '',
  'finapp/README.md': 'ohpm install @finapp/sdk',
  'finapp/CHANGELOG.md': '',
  'finapp/LICENSE': 'Permission is hereby granted, free of charge, ...',
  'finapp/src/ohosTest/module.json5': { module: { ...entryModule, ...testModule() } },
  'finapp/src/ohosTest/ets/test/List.test.ets': "import counts from './Counter.test'",
  'finapp/src/ohosTest/ets/test/Counter.test.ets': '',
  'entry/hvigorfile.ts': 'export default { system: hapTasks }',
  'entry/oh-package.json5': {
    name: 'entry',
    version: '1.2.3',
    description: 'the demo',
    main: '',
    dependencies: { '@finapp/sdk': 'file:../finapp' },
  },
  'entry/build-profile.json5': moduleProfile,
  'entry/src/main/module.json5': { module: entryModule },
  'entry/src/main/ets/abilities/EntryAbility.ets': '',
  'entry/src/main/ets/pages/Index.ets':
    "@Entry\n@Component\nstruct Index { t = $r('app.string.label'); f = $rawfile('a.txt') }",
  'entry/src/main/resources/base/profile/main_pages.json': { src: ['pages/Index'] },
  'entry/src/main/resources/base/element/string.json': { string: [{ name: 'label', value: 'Demo' }] },
  'entry/src/main/resources/base/element/color.json': { color: [{ name: 'background', value: '#FFFFFF' }] },
  'entry/src/main/resources/base/media/icon.png': '',
  'entry/src/main/resources/rawfile/a.txt': '',
  'entry/src/main/resources/zh_CN/element/string.json': { string: [{ name: 'label', value: '演示' }] },
}

/** One change of the good project each, and what must be said about it. @type {Record<string, [Files, RegExp]>} */
const changes = {
  'a file is not there': [{ 'entry/oh-package.json5': undefined }, /^entry\/oh-package\.json5: missing$/m],
  'broken JSON5': [{ 'oh-package.json5': '{ modelVersion: ' }, /^oh-package\.json5: cannot be read: /m],
  'broken JSON': [
    { 'entry/src/main/resources/base/profile/main_pages.json': "{ src: ['pages/Index'] }" },
    /main_pages\.json: cannot be read: /,
  ],
  'a member too few': [
    changed('finapp/oh-package.json5', { ...har, main: undefined, version: undefined }),
    /version: missing/,
  ],
  'a member too many': [changed('finapp/oh-package.json5', { ...har, licence: 'MIT' }), /licence: not a member/],
  'a wrong type': [
    changedModule({ installationFree: 'false' }),
    /module\.installationFree: boolean expected, got "false"/,
  ],
  'a wrong word': [
    changedModule({ deviceTypes: ['phone', 'fridge'] }),
    /module\.deviceTypes\[1\]: one of .* got "fridge"/,
  ],
  CMake: [
    changed('finapp/build-profile.json5', { ...moduleProfile, buildOption: { externalNativeOptions: {} } }),
    /externalNativeOptions would start CMake/,
  ],
  'signing material': [
    changed('build-profile.json5', { app: { signingConfigs: [{ name: 'default', material: {} }] } }),
    /signingConfigs\[0\]\.material: not a member/,
  ],
  'two model versions': [
    changed('hvigor/hvigor-config.json5', { modelVersion: '5.0.1', dependencies }),
    /modelVersion is 5\.0\.1, and 5\.0\.0 in/,
  ],
  'a module under another name': [
    changed('finapp/src/main/module.json5', { module: { name: 'sdk', type: 'har', deviceTypes: ['default'] } }),
    /its name is sdk, and finapp in build-profile/,
  ],
  'another version': [
    changed('finapp/oh-package.json5', { ...har, version: '1.2.4' }),
    /1\.2\.4, and 1\.2\.3 in Cargo/,
  ],
  'another licence': [
    changed('finapp/oh-package.json5', { ...har, license: 'ISC' }),
    /license is ISC, and MIT in Cargo/,
  ],
  'a licence without its text': [{ 'finapp/LICENSE': 'ask me' }, /LICENSE: does not hold the text of MIT/],
  'a newer oldest system': [
    changed('finapp/oh-package.json5', { ...har, compatibleSdkVersion: '18' }),
    /compatibleSdkVersion is 18; 12 expected/,
  ],
  'no word on how to install': [{ 'finapp/README.md': 'npm install' }, /does not say `ohpm install @finapp\/sdk`/],
  'no rules for consumers': [{ 'finapp/consumer-rules.txt': undefined }, /\.\/consumer-rules\.txt is not there/],
  'a package that lies elsewhere': [
    changed('finapp/oh-package.json5', { ...har, dependencies: { 'libfinapp.so': 'file:./types' } }),
    /finapp\/types\/oh-package\.json5: missing/,
  ],
  'a script without tasks': [{ 'entry/hvigorfile.ts': '' }, /entry\/hvigorfile\.ts: hapTasks expected/],
  'a text that does not exist': [
    changedModule({ abilities: [{ ...ability, label: '$string:no_label' }] }),
    /\$string:no_label is not among the resources/,
  ],
  'an icon that does not exist': [
    { 'AppScope/resources/base/media/app_icon.png': undefined },
    /\$media:app_icon is not/,
  ],
  'a text in code that does not exist': [
    { 'entry/src/main/ets/View.ets': "Text($r('app.string.nothing'))" },
    /View\.ets: app\.string\.nothing is not among/,
  ],
  'a raw file that does not exist': [{ 'entry/src/main/resources/rawfile/a.txt': undefined }, /a\.txt is no raw file/],
  'a text in one language only': [
    { 'entry/src/main/resources/zh_CN/element/string.json': { string: [{ name: 'more', value: '更多' }] } },
    /zh_CN: string:more is not in entry\/src\/main\/resources\/base/,
  ],
  'an ability without a file': [
    { 'entry/src/main/ets/abilities/EntryAbility.ets': undefined },
    /\.\/ets\/abilities\/EntryAbility\.ets is not there/,
  ],
  'a main element that is no ability': [changedModule({ mainElement: 'Main' }), /mainElement Main is no ability/],
  'a page without a file': [{ 'entry/src/main/ets/pages/Index.ets': undefined }, /pages\/Index is not there/],
  'a page without @Entry': [
    { 'entry/src/main/ets/pages/Index.ets': '@Component\nstruct Index {}' },
    /a page has one component marked @Entry/,
  ],
  'a page with two': [
    { 'entry/src/main/ets/pages/Index.ets': '@Entry\nstruct Index {}\n@Entry\nstruct Other {}' },
    /a page has one component marked @Entry/,
  ],
  'a page that is not listed': [
    { 'entry/src/main/ets/pages/Other.ets': '@Entry\nstruct Other {}' },
    /Other\.ets: is marked @Entry, and .*main_pages\.json does not name it/,
  ],
  'a permission that does not exist': [
    changedModule({ requestPermissions: [{ name: 'ohos.permission.INTERNETS' }] }),
    /INTERNETS is no permission/,
  ],
  'a permission without a reason': [
    changedModule({ requestPermissions: [{ name: 'ohos.permission.CAMERA' }] }),
    /CAMERA: the user is asked, so it needs a reason/,
  ],
  'a suite that nobody runs': [{ 'finapp/src/ohosTest/ets/test/List.test.ets': '' }, /does not run Counter\.test\.ets/],
}

test('f_p05_a_project_that_is_right_has_no_findings', () => {
  assert.deepEqual(findings({}), [])
})

for (const [name, [change, expected]] of Object.entries(changes)) {
  test(`f_p05_a_project_file_that_is_wrong_is_found: ${name}`, () => {
    assert.match(findings(change).join('\n'), expected)
  })
}

test('f_p05_one_problem_in_the_project_files_does_not_hide_another', () => {
  const found = findings({ 'oh-package.json5': '{', 'finapp/LICENSE': undefined, 'AppScope/app.json5': { app: [] } })
  for (const path of ['oh-package.json5', 'finapp/LICENSE', 'AppScope/app.json5']) {
    assert.ok(
      found.some((finding) => finding.startsWith(`${path}: `)),
      `${path} in ${found.join('\n')}`,
    )
  }
})

/**
 * @param {Files} change
 * @returns {string[]}
 */
function findings(change) {
  const folder = mkdtempSync(join(tmpdir(), 'finapp-layout-'))
  try {
    for (const [path, content] of Object.entries({ ...good, ...change })) {
      if (content === undefined) continue
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
    }
    return checkProject(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} path
 * @param {object} content
 * @returns {Files}
 */
function changed(path, content) {
  return { [path]: content }
}

/**
 * @param {object} members
 * @returns {Files}
 */
function changedModule(members) {
  return { 'entry/src/main/module.json5': { module: { ...entryModule, ...members } } }
}

function testModule() {
  return {
    name: 'finapp_test',
    type: 'feature',
    mainElement: undefined,
    pages: undefined,
    abilities: undefined,
    requestPermissions: undefined,
  }
}
