// Every function of the interface in real Chromium: the message that it sends, letter by letter, and what the page
// gets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPage } from './web_page.mjs'

/** Runs in the page: calls a function three times, with callbacks to a success, to a failure, and for a promise. */
const thrice = async (/** @type {string} */ path, /** @type {object | undefined} */ params) => {
  const names = path.split('.')
  const holder = names.length > 1 ? ft.miniProgram : ft
  const member = /** @type {any} */ (holder)[/** @type {string} */ (names.at(-1))]
  /** @type {any[]} */
  const heard = []
  for (let round = 0; round < 2; round += 1) {
    await new Promise((done) => {
      const note = (/** @type {string} */ what) => (/** @type {any} */ res) => heard.push([what, res])
      const options = {
        ...params,
        success: note('success'),
        fail: note('fail'),
        complete: (/** @type {any} */ res) => done(note('complete')(res)),
      }
      Object.freeze(options)
      heard.push(['returned', member.call(holder, options) ?? null])
    })
  }
  heard.push(['promised', await (params === undefined ? member.call(holder) : member.call(holder, params))])
  return heard
}

const url = '/pages/a/a?b=1&c=%E4%B8%AD'
const file = 'wxfile://tmp/a.png'

/** @type {Array<[title: string, path: string, params: object | undefined, answer: object]>} */
const WITH_OPTIONS = [
  ['f_j01_mini_program_navigate_to', 'miniProgram.navigateTo', { url }, {}],
  ['f_j02_mini_program_navigate_back', 'miniProgram.navigateBack', { delta: 2 }, {}],
  ['f_j03_mini_program_switch_tab', 'miniProgram.switchTab', { url }, {}],
  ['f_j04_mini_program_redirect_to', 'miniProgram.redirectTo', { url }, {}],
  ['f_j05_mini_program_re_launch', 'miniProgram.reLaunch', { url }, {}],
  [
    'f_j09_mini_program_navigate_to_mini_program',
    'miniProgram.navigateToMiniProgram',
    { appId: 'other', path: '/pages/b/b', extraData: { from: 'page', deep: [1, null] } },
    {},
  ],
  [
    'f_j10_mini_program_navigate_back_mini_program',
    'miniProgram.navigateBackMiniProgram',
    { extraData: { done: true } },
    {},
  ],
  [
    'f_j17_download_file',
    'downloadFile',
    { url: 'https://files.example/a.png', header: { 'X-A': '1' }, timeout: 5000, filePath: file },
    { filePath: file, statusCode: 200 },
  ],
  [
    'f_j18_get_applet_info',
    'getAppletInfo',
    undefined,
    { appId: 'a-1', appTitle: '小程序', appAvatar: '', appDescription: '', appThumbnail: '', path: '/', userId: 'u' },
  ],
  ['f_j18_mini_program_get_applet_info', 'miniProgram.getAppletInfo', undefined, { appId: 'a-1' }],
  ['f_j19_open_document', 'openDocument', { filePath: 'wxfile://a.pdf', fileType: 'pdf' }, {}],
  [
    'f_j20_choose_image',
    'chooseImage',
    { count: 1, sizeType: ['original', 'compressed'], sourceType: ['album', 'camera'] },
    { tempFilePaths: [file] },
  ],
  ['f_j21_get_local_img_data', 'getLocalImgData', { path: file }, { localData: 'aGk=' }],
  ['f_j21_mini_program_get_local_img_data', 'miniProgram.getLocalImgData', { path: file }, { localData: 'aGk=' }],
  [
    'f_j22_choose_location',
    'chooseLocation',
    { latitude: 22.5, longitude: 114.0625 },
    { latitude: 22.5, longitude: 114.0625, name: 'n', address: 'a' },
  ],
  [
    'f_j23_get_location',
    'getLocation',
    { type: 'gcj02' },
    { latitude: 22.5, longitude: 114.0625, speed: 0, accuracy: 5 },
  ],
  ['f_j24_get_storage', 'getStorage', { key: 'k' }, { data: { kept: [1, 2] } }],
  ['f_j25_set_storage', 'setStorage', { key: 'k', data: { kept: [1, 2], none: null } }, {}],
  ['f_j26_remove_storage', 'removeStorage', { key: 'k' }, {}],
  ['f_j27_clear_storage', 'clearStorage', undefined, {}],
  ['f_j28_get_storage_info', 'getStorageInfo', undefined, { keys: ['k'], currentSize: 1 }],
  ['f_j29_can_go_back', 'canGoBack', undefined, { canGoBack: false }],
  ['f_j30_can_navigate_back', 'canNavigateBack', undefined, { canNavigateBack: true }],
  ['f_j31_set_navigation_bar_title', 'setNavigationBarTitle', { title: '标题 "x" 😀' }, {}],
  [
    'f_j32_request',
    'request',
    { url: 'https://api.example/x', data: { a: 1 }, header: { b: 'c' }, method: 'POST', dataType: 'json' },
    { data: { got: true }, statusCode: 201, header: { 'Content-Type': 'application/json' } },
  ],
]

for (const [title, path, params, answer] of WITH_OPTIONS) {
  const name = /** @type {string} */ (path.split('.').at(-1))
  let calls = 0
  const apis = {
    [name]: () =>
      (calls += 1) === 2
        ? { errMsg: `${name}:fail not today`, errCode: 20005, why: 'test' }
        : { ...answer, errMsg: `${name}:ok` },
  }
  test(
    title,
    inPage(
      async (page, host) => {
        const failed = { errMsg: `${name}:fail not today`, errCode: 20005, why: 'test' }
        const ok = { ...answer, errMsg: `${name}:ok` }
        assert.deepEqual(await page.call(thrice, path, /** @type {any} */ (params)), [
          ['returned', null],
          ['success', ok],
          ['complete', ok],
          ['returned', null],
          ['fail', failed],
          ['complete', failed],
          ['promised', ok],
        ])
        assert.deepEqual(host.calls, Array(3).fill(['webInvokeHandler', name, JSON.stringify(params ?? {})]))
        assert.deepEqual(page.lines, [])
      },
      { apis },
    ),
  )
}

const accepted = (/** @type {string} */ name) => () => ({ errMsg: `${name}:ok` })

for (const [title, api] of /** @type {Array<[string, 'postMessage' | 'sendWebviewEvent']>} */ ([
  ['f_j06_post_message_sends_its_whole_argument', 'postMessage'],
  ['f_j16_send_webview_event_sends_its_whole_argument', 'sendWebviewEvent'],
])) {
  test(
    title,
    inPage(
      async (page, host) => {
        await page.call(async (name) => {
          await ft.miniProgram[name]({ someKey: 'foo' })
          await ft.miniProgram[name]({ data: { foo: 'bar' }, success: 'data', complete: [1], fail: null })
          await ft.miniProgram[name]({})
        }, api)
        assert.deepEqual(
          host.calls.map(([, name, text]) => [name, text]),
          [
            [api, '{"someKey":"foo"}'],
            [api, '{"data":{"foo":"bar"},"success":"data","complete":[1],"fail":null}'],
            [api, '{}'],
          ],
        )
        // Nobody looks at what becomes of a message, so a refusal is no error of the page.
        host.apis = {}
        await page.call((name) => {
          ft.miniProgram[name]({ refused: true })
        }, api)
        await page.call(() => ft.getLocation().catch(() => undefined))
        assert.deepEqual(page.lines, [])
      },
      { apis: { [api]: accepted(api) } },
    ),
  )
}

test(
  'f_j07_get_env_tells_the_environment_and_the_version',
  inPage(async (page, host) => {
    const env = { env: 'miniprogram', version: '1.4.20', errMsg: 'getEnv:ok' }
    assert.deepEqual(
      await page.call(
        () =>
          new Promise((done) => {
            ft.miniProgram.getEnv(done)
          }),
      ),
      env,
    )
    assert.deepEqual(await page.call(() => ft.miniProgram.getEnv()), env)
    assert.equal(await page.call(() => __fcjs_environment), 'miniprogram')
    assert.deepEqual(host.calls, [])
  }),
)

test(
  'f_j07_get_env_outside_of_a_mini_program_gives_an_empty_object',
  inPage(
    async (page) => {
      assert.deepEqual(await page.call(() => ft.miniProgram.getEnv()), {
        env: {},
        version: '1.4.20',
        errMsg: 'getEnv:ok',
      })
      assert.equal(await page.call(() => globalThis.__fcjs_environment), undefined)
    },
    { late: true },
  ),
)

for (const [title, name, path] of /** @type {Array<[string, string, string]>} */ ([
  ['f_j08_close_sends_an_empty_object', 'close', 'ft.miniProgram.close'],
  ['f_j35_complete_sends_an_empty_object', 'complete', 'ft.complete'],
])) {
  test(
    title,
    inPage(
      async (page, host) => {
        assert.deepEqual(await page.evaluate(`${path}()`), { errMsg: `${name}:ok` })
        assert.deepEqual(await page.evaluate(`new Promise((done) => { ${path}({ success: done }) })`), {
          errMsg: `${name}:ok`,
        })
        assert.deepEqual(host.calls, Array(2).fill(['webInvokeHandler', name, '{}']))
      },
      { apis: { close: accepted('close'), complete: accepted('complete') } },
    ),
  )
}
