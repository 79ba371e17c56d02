// What the functions of `wx` take and answer, against WeChat's own declarations: the names of options and of members of
// the answer as `canIUse` knows them, and calls that leave out what is required or give it in another type.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hosted } from '../node/support.mjs'
import { declared } from './declared.mjs'
import { PATIENT, start } from './program.mjs'

/** @typedef {import('./declared.mjs').Part} Part */

/** Declared and not here, and why. */
const APART = {
  'how a connection is made is the library\'s own': [
    ...['downloadFile', 'uploadFile', 'request'].flatMap((name) =>
      ['object.enableHttp2', 'object.enableProfile', 'object.enableQuic', 'success.profile'].map((part) => `${name}.${part}`)),
    ...['enableCache', 'enableHttpDNS', 'enableHttpDNSFallback', 'forceCellularNetwork', 'httpDNSServiceId', 'httpDNSTimeout',
      'useHighPerformanceMode'].map((option) => `request.object.${option}`),
    'request.success.exception', 'request.success.useHttpDNS',
    ...['forceCellularNetwork', 'perMessageDeflate', 'tcpNoDelay'].map((option) => `connectSocket.object.${option}`),
  ],
  'it is of WeChat\'s account, cloud or shop': ['getSetting.success.subscriptionsSetting',
    'getSetting.success.miniprogramAuthSetting', 'openSetting.success.subscriptionsSetting', 'getUserInfo.success.cloudID',
    'getUserProfile.success.cloudID', 'scanCode.success.path', 'navigateToMiniProgram.object.envVersion',
    'navigateToMiniProgram.object.shortLink', 'navigateToMiniProgram.object.noRelaunchIfPathUnchanged'],
  'it is of another renderer': ['routeConfig', 'routeOptions', 'routeType', 'withOpenContainer']
    .map((option) => `navigateTo.object.${option}`),
  'a provider draws it as it does': ['hideLoading.object.noConflict', 'hideToast.object.noConflict',
    'previewImage.object.referrerPolicy'],
  'there is no encryption': ['getStorage.object.encrypt', 'setStorage.object.encrypt'],
}

/** Calling these ends the mini-program or its page. */
const ENDING = ['exitMiniProgram', 'restartMiniProgram']

const all = declared()
const called = [...all].filter(([name]) => !ENDING.includes(name))

/** A page that runs `body`, which calls `ft.report`. @param {string} body */
const program = (body) => ({
  'app.json': '{ "pages": ["pages/main/main", "pages/main/x"] }',
  'pages/main/main.wxml': '<view/>',
  'pages/main/main.js': `
    const heard = (name, options) => new Promise((done) => {
      wx[name]({ ...options, success: (result) => done({ result }), fail: ({ errMsg }) => done({ errMsg }) })
    })
    Page({ async onReady() { ${body} } })`,
  'pages/main/x.wxml': '<view/>',
  'pages/main/x.js': 'Page({})',
})

test(
  'f_m17_can_i_use_knows_the_declared_options_and_answers',
  hosted(async (host) => {
    const asked = [...all].flatMap(([name, { options, answer }]) => [
      ...options.map((option) => `${name}.object.${option.name}`),
      ...answer.map((member) => `${name}.success.${member.name}`),
    ])
    await start(host, [], program(`
      const offered = ${JSON.stringify(asked)}.filter((path) => typeof wx[path.split('.')[0]] === 'function')
      ft.report({ asked: offered.length, missing: offered.filter((path) => !wx.canIUse(path)) })`))
    const { asked: count, missing } = await host.reported()
    assert.deepEqual(missing.sort(), Object.values(APART).flat().sort())
    assert.ok(count > 300, `${count} were asked for`)
  }),
)

/** @type {Record<string, unknown>} */
const RIGHT = { string: 'x', number: 1, boolean: true, array: ['x'], object: {}, any: 'x' }
/** @type {Record<string, unknown>} */
const WRONG = { string: 1, number: 'x', boolean: {}, array: 1, object: 1 }

/** Required by the declarations alone: nothing may be stored as well, and a motor has a strength by itself. */
const NOT_NEEDED = ['setStorage.data', 'vibrateShort.type']

test(
  'f_m14_what_is_required_must_be_given_in_its_type',
  hosted(async (host) => {
    const calls = called.flatMap(([name, { options }]) => {
      const required = options.filter((option) => option.required && !NOT_NEEDED.includes(`${name}.${option.name}`))
      const given = Object.fromEntries(required.map((option) => [option.name, RIGHT[option.type]]))
      return required.flatMap((option) => {
        const { [option.name]: _, ...without } = given
        const wrong = { ...given, [option.name]: WRONG[option.type] }
        const changed = option.type === 'any' ? [without] : [without, wrong]
        return changed.map((parameters) => ({ name, option: option.name, parameters }))
      })
    })
    await start(host, [], program(`
      const ends = []
      for (const { name, option, parameters } of ${JSON.stringify(calls)}) {
        if (typeof wx[name] !== 'function') continue
        const { errMsg } = await heard(name, parameters)
        ends.push({ call: name + ' ' + option + ' ' + JSON.stringify(parameters), errMsg })
      }
      ft.report({ ends })`))
    const { ends } = await host.reported()
    const kept = ends.filter((/** @type {any} */ end) => !/^\w+:fail .*parameter/.test(end.errMsg))
    assert.deepEqual(kept, [])
    assert.ok(ends.length > 80, `${ends.length} were called`)
  }, PATIENT),
)

test(
  'f_m14_an_option_of_another_type_is_refused_or_counts_as_not_given',
  hosted(async (host) => {
    const calls = called.flatMap(([name, { options, gives }]) => {
      const required = options.filter((option) => option.required)
      const given = Object.fromEntries(required.map((option) => [option.name, RIGHT[option.type]]))
      const others = options.filter((option) => !option.required && option.type !== 'any')
      // Each navigation that succeeds is another page on the stack.
      if (gives !== 'promise' || name === 'navigateTo') return []
      return others.map((option) => ({ name, given, option: option.name, value: WRONG[option.type] }))
    })
    await start(host, [], program(`
      const ends = []
      for (const { name, given, option, value } of ${JSON.stringify(calls)}) {
        if (typeof wx[name] !== 'function') continue
        const without = await heard(name, given)
        const wrong = await heard(name, { ...given, [option]: value })
        ends.push({ call: name + '.' + option, without: JSON.stringify(without), wrong: JSON.stringify(wrong) })
      }
      ft.report({ ends })`))
    const { ends } = await host.reported()
    const kept = ends.filter((/** @type {any} */ { without, wrong }) => !/:fail .*parameter/.test(wrong) && wrong !== without)
    assert.deepEqual(kept, [])
    assert.ok(ends.length > 60, `${ends.length} were called`)
  }, PATIENT),
)

/** Declared as always there, and why it is not. */
const NOT_TOLD = {
  'nobody knows unless the host says so': ['getDeviceInfo.cpuType', 'getDeviceInfo.memorySize'],
  'it is told to plugins alone': ['getAccountInfoSync.plugin'],
  'it is of WeChat\'s own programs and chats': ['getAppBaseInfo.PCKernelVersion', 'getSetting.subscriptionsSetting',
    ...['getEnterOptionsSync', 'getLaunchOptionsSync'].flatMap((name) => [`${name}.forwardMaterials`, `${name}.hostExtraData`])],
}

test(
  'f_m17_answers_have_the_declared_members_in_their_types',
  hosted(async (host) => {
    await start(host, [], program(`
      const known = ${JSON.stringify(called.map(([name, { options, answer, value, gives }]) =>
    ({ name, needs: options.some((option) => option.required), later: answer, now: value, gives })))}
      const answers = []
      for (const { name, needs, later, now, gives } of known) {
        if (typeof wx[name] !== 'function' || needs) continue
        if (gives === 'promise' && later.length > 0) {
          const { result } = await heard(name, {})
          if (result !== undefined) answers.push({ name, result })
        } else if (gives === 'value' && now.length > 0 && name.startsWith('get')) {
          answers.push({ name, result: wx[name]() })
        }
      }
      ft.report({ answers: JSON.parse(JSON.stringify(answers)) })`))
    const { answers } = await host.reported()
    const kind = (/** @type {any} */ value) => (Array.isArray(value) ? 'array' : typeof value)
    const wrong = answers.flatMap((/** @type {any} */ { name, result }) => {
      const { answer, value } = /** @type {import('./declared.mjs').Declared} */ (all.get(name))
      const members = (value.length > 0 ? value : answer).filter((member) => member.name !== 'errMsg')
      return members
        .filter((member) => (member.name in result ? member.type !== 'any' && kind(result[member.name]) !== member.type : member.required))
        .map((member) => `${name}.${member.name}`)
    })
    assert.deepEqual(wrong.sort(), Object.values(NOT_TOLD).flat().sort())
    assert.ok(answers.length > 10, `${answers.length} answered`)
  }),
)
