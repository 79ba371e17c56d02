// The demo app in Node, all but its views: its ArkTS is transpiled, the kits of the system are stand-ins, the library
// is real. Each sample that it has a button for must answer what stands here.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { folder as pageSdk, script as pageLibrary } from '../jssdk/built.mjs'
import { installLoader } from '../arkts/loader.mjs'
import { Inbox, modulePath, within } from './support.mjs'
import { WEB_SAMPLES, WebView } from './web_view.mjs'

/** @typedef {{ id: string, applet: string, events?: object[] }} Sample */
/** @typedef {import('../../finapp/types/libfinapp/index.js').WebViewOpening} WebViewOpening */

installLoader(modulePath)
const require = createRequire(import.meta.url)
const entry = resolve(dirname(fileURLToPath(import.meta.url)), '../../entry/src/main')
const resources = join(entry, 'resources')
const rawfile = join(resources, 'rawfile')
const code = join(entry, 'ets')
const { FinAppClient } = require(join(entry, '../../../finapp/Index.ets'))
const { default: EntryAbility } = require(join(code, 'abilities/EntryAbility.ets'))
const { default: AppletAbility } = require(join(code, 'abilities/AppletAbility.ets'))
const { answerLog } = require(join(code, 'samples/AnswerLog.ets'))
const { readSamples } = require(join(code, 'samples/SampleList.ets'))
const { unpackedPackage } = require(join(code, 'samples/PackageFolder.ets'))
const { runSample } = require(join(code, 'samples/SampleRunner.ets'))

/** Raw files of the SDK lie beside those of the app: the page library is `finapp/jssdk.js`. @param {string} path */
const rawFile = (path) => path.startsWith('finapp/') ? join(pageSdk, path.slice('finapp/'.length)) : join(rawfile, path)

const resourceManager = {
  getRawFileContentSync: (/** @type {string} */ path) => new Uint8Array(readFileSync(rawFile(path))),
  getRawFileListSync: (/** @type {string} */ path) => readdirSync(join(rawfile, path)),
}
/** @type {Sample[]} */
const samples = readSamples(resourceManager)

// The stand-in has what the suites use; the demo app copies its packages, which takes two calls more.
Object.assign(require('@kit.CoreFileKit').fileIo, {
  accessSync: existsSync,
  writeSync: (/** @type {number} */ fd, /** @type {ArrayBuffer} */ bytes) => writeSync(fd, new Uint8Array(bytes)),
})

/**
 * What each sample must answer.
 * @type {Record<string, object>}
 */
const expected = {
  js2AppFunction: { data: 'customApi success', errMsg: 'js2AppFunction:ok' },
  finclipLogin: { token: 'token for some url', errMsg: 'finclipLogin:ok' },
  finclipTestSync: { title: '/', errMsg: 'finclipTestSync:ok' },
  wrongParameter: {
    errMsg: 'finclipLogin:fail parameter error: parameter.url should be String instead of Number;',
    errCode: 10001,
  },
  failingCall: { code: 404, errMsg: 'js2AppFunction:fail no answer for somethingElse' },
  onCustomEvent: { greeting: 'good morning' },
  offCustomEvent: { heardBy: 'the other listener', res: { greeting: 'good evening' } },
  addCustomEventListener: {
    name: 'someMethod',
    data: { a: 'data-1', b: 'data-2', c: 1001 },
    errMsg: 'some error msg',
  },
  removeCustomEventListener: { heardBy: 'the other listener', res: { name: 'someMethod', data: { a: 'data-3' } } },
  customAsyncEvent: { key: 'test', errMsg: 'invokeNativePlugin:ok' },
  customSyncEvent: { key: 'value', errMsg: 'invokeNativePlugin:ok' },
  testState: { states: [1, 30, 60, 100], key: 'test', errMsg: 'testState:ok' },
  directCall: { key: 'test', errMsg: 'customAsyncEvent:ok' },
  getAppBaseInfo: { key: 'test', errMsg: 'getAppBaseInfo:ok' },
  myApiName: { result: 'success', method: 'myApiHandler', errMsg: 'invokeNativePlugin:ok' },
  unknownApi: { errMsg: 'invokeNativePlugin:fail api "nobodyAnswersThis" is not registered', errCode: 20006 },
  testStartActivityForResult: { key: 'test', errMsg: 'invokeNativePlugin:ok' },
  webPageCallsApp: { r: '110', g: '150', b: '150', errMsg: 'js2AppFunction:ok' },
  appCallsWebPage: { heard: { greeting: 'hello' }, title: 'Web page' },
}

/** What the system gives the demo app: its folder, its raw files, and other abilities. */
class Surroundings {
  /** @type {{ abilityName: string, parameters?: Record<string, unknown> }[]} abilities that were started */
  started = []
  filesDir = mkdtempSync(join(tmpdir(), 'finapp-demo-'))
  applicationInfo = { name: 'com.example.finapp' }
  resourceManager = resourceManager

  /** @param {{ abilityName: string }} want */
  async startAbility(want) {
    this.started.push(want)
  }

  /** @param {{ abilityName: string }} want */
  async startAbilityForResult(want) {
    this.started.push(want)
    return { resultCode: 0, want: { parameters: { key: 'test' } } }
  }
}

/** The demo app from its ability on, without its views. */
class Demo {
  context = new Surroundings()
  /** @type {Inbox<string>} the lines of the answer log */
  lines = new Inbox()
  #ability = new EntryAbility()
  #listen = (/** @type {string[]} */ lines) => {
    const last = lines.at(-1)
    if (last !== undefined) this.lines.put(last)
  }

  constructor() {
    this.#ability.context = this.context
    this.#ability.onCreate({}, {})
    answerLog.listen(this.#listen)
    // In the place of ArkWeb's component: the page's scripts, without what they would draw.
    FinAppClient.getInstance().setWebViews((/** @type {WebViewOpening} */ opening) => {
      const document = { title: 'Web page', getElementById: () => null }
      const view = new WebView({ source: readFileSync(join(WEB_SAMPLES, 'web.js'), 'utf8'), extra: { document } })
      view.page = opening.attach(view)
    })
  }

  /**
   * Does what a button does, and gives the answer that shows in the log.
   * @param {Sample} sample
   */
  async press(sample) {
    await within(runSample(FinAppClient.getInstance(), this.context, sample), `the start of ${sample.applet}`)
    const line = await this.lines.next(`the answer of ${sample.id}`)
    const separator = line.indexOf(': ')
    assert.equal(line.slice(0, separator), sample.id)
    return JSON.parse(line.slice(separator + 2))
  }

  async end() {
    answerLog.leave(this.#listen)
    answerLog.clear()
    await within(this.#ability.onDestroy(), 'the end of the app')
    rmSync(this.context.filesDir, { recursive: true, force: true })
  }
}

test('f_p02_every_button_of_the_demo_app_has_an_expected_answer', () => {
  assert.deepEqual(samples.map(({ id }) => id).sort(), Object.keys(expected).sort())
})

test('f_p02_every_button_of_the_demo_app_has_its_label_in_both_languages', () => {
  for (const folder of ['base', 'zh_CN']) {
    const { string } = JSON.parse(readFileSync(join(resources, folder, 'element/string.json'), 'utf8'))
    const names = new Set(string.map((/** @type {{ name: string }} */ { name }) => name))
    for (const { id } of samples) assert.ok(names.has(`sample_${id}`), `${folder} has no label for ${id}`)
  }
})

test('f_p02_release_builds_of_the_demo_app_keep_the_names_in_its_messages', () => {
  const rules = readFileSync(resolve(entry, '../../obfuscation-rules.txt'), 'utf8')
  const kept = new Set(rules.split('-keep-property-name\n')[1]?.split('\n'))
  const folders = [join(code, 'custom'), join(code, 'samples')]
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
  const used = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const declared = [...text.matchAll(/^(?:export )?interface [^{]+{([^}]*)}/gm)].flatMap(([, body]) => [
      .../** @type {string} */ (body).matchAll(/^ {2}(\w+)\??:/gm),
    ])
    return [...declared, ...text.matchAll(/\b(?:params|parameters)\??\.(\w+)/g)].map(([, name]) => name)
  })
  assert.ok(used.includes('progress') && used.includes('url'), 'members of answers and of params are found')
  assert.deepEqual(used.filter((name) => !kept.has(/** @type {string} */ (name))), [])
})

test('f_p02_a_package_with_web_pages_carries_the_page_library_of_the_sdk', () => {
  const context = new Surroundings()
  const withPages = unpackedPackage(context, 'web-samples')
  assert.equal(readFileSync(join(withPages, 'jssdk.js'), 'utf8'), pageLibrary)
  assert.ok(readFileSync(join(withPages, 'web.html'), 'utf8').includes('src="jssdk.js"'))
  assert.ok(!existsSync(join(unpackedPackage(context, 'tcmpp-samples'), 'jssdk.js')))
  rmSync(context.filesDir, { recursive: true })
})

test('f_p02_every_button_of_the_demo_app_runs_its_sample', async (t) => {
  t.mock.method(console, 'info', () => {})
  const demo = new Demo()
  try {
    for (const sample of samples) {
      await t.test(sample.id, async () => assert.deepEqual(await demo.press(sample), expected[sample.id]))
    }
    // In any order and again: no sample leaves anything behind that another would stumble over.
    for (const sample of [...samples].reverse()) assert.deepEqual(await demo.press(sample), expected[sample.id])
    assert.equal(demo.lines.length, 0, 'no sample answered twice')
  } finally {
    await demo.end()
  }
})

test('f_p02_a_mini_program_of_the_demo_app_gets_one_window_of_its_own', async () => {
  const demo = new Demo()
  try {
    for (const sample of samples.slice(0, 2)) await demo.press(sample)
    const { applet } = /** @type {Sample} */ (samples[0])
    assert.deepEqual(
      demo.context.started.map(({ abilityName, parameters }) => [abilityName, parameters]),
      [['AppletAbility', { appId: applet }]],
    )
    const { src } = JSON.parse(readFileSync(join(resources, 'base/profile/main_pages.json'), 'utf8'))
    assert.ok(src.includes(new AppletAbility().pagePath()), 'its page is one of the pages')
  } finally {
    await demo.end()
  }
})

test('f_p02_a_sample_that_is_not_there_is_an_answer_too', async () => {
  const demo = new Demo()
  try {
    for (const applet of new Set(samples.map((sample) => sample.applet))) {
      assert.deepEqual(await demo.press({ id: 'nothing', applet }), { errMsg: 'no sample nothing' })
    }
  } finally {
    await demo.end()
  }
})

test('f_p02_the_demo_app_ends_with_its_mini_programs_running', async () => {
  const demo = new Demo()
  await demo.press(/** @type {Sample} */ (samples[0]))
  await demo.end()
  assert.equal(FinAppClient.getInstance(), undefined)
})
