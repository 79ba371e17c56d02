// Built-ins that a host in Node answers: by providers, by configuration, and with files that the mini-program gets as its
// own.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { codes, hosted, refused } from './support.mjs'

/** @param {string} call */
const tells = (call) => `(async () => ${call})().then(r => ft.report(r), e => ft.report(e))`

test(
  'f_h15_a_provider_answers_as_a_custom_api_does',
  hosted(async (host) => {
    host.client.setProvider('getClipboardData', ({ params, callback, extInfo }) => {
      assert.deepEqual(params, {})
      assert.equal(extInfo.name, 'getClipboardData')
      callback.onSuccess({ data: extInfo.appId })
    })
    host.client.setProvider('login', async () => ({ code: 'c-1' }))
    host.client.setProvider('scanCode', ({ callback }) => callback.onCancel())
    host.client.setProvider('getUserProfile', () => {
      throw Object.assign(new Error('nobody is here'), { code: 7 })
    })
    const seen = await host.run(
      tells(`{
        const say = r => [r.errMsg, r.data || r.code || r.errCode]
        const each = [wx.getClipboardData(), wx.login(), wx.scanCode(), wx.getUserProfile({ desc: 'x' }), wx.checkSession()]
        return { said: await Promise.all(each.map(one => one.then(say, say))) }
      }`),
    )
    assert.deepEqual(seen.said, [
      ['getClipboardData:ok', 'demo'],
      ['login:ok', 'c-1'],
      ['scanCode:fail cancel', codes.E_CANCELLED.code],
      ['getUserProfile:fail nobody is here', 7],
      ['checkSession:fail not supported', 20009],
    ])
  }),
)

test(
  'f_h15_files_of_the_host_are_given_by_configuration_and_by_a_provider',
  hosted(async (host) => {
    const picture = join(host.folder, 'own-name.gif')
    writeFileSync(picture, 'GIF89a\x03\0\x02\0')
    host.client.setProvider('chooseImage', () => ({ tempFiles: [{ path: picture }] }))
    /** @type {any[]} */
    const saved = []
    host.client.setProvider('saveImageToPhotosAlbum', ({ params }) => {
      saved.push(params.filePath)
      return {}
    })
    const seen = await host.run(
      tells(`{
        const { tempFilePaths: [filePath] } = await wx.chooseImage()
        const { width, height } = await wx.getImageInfo({ src: filePath })
        await wx.saveImageToPhotosAlbum({ filePath })
        return { filePath, width, height }
      }`),
    )
    assert.match(seen.filePath, /^wxfile:\/\/tmp_.*\.gif$/)
    assert.deepEqual([seen.width, seen.height], [3, 2])
    assert.equal(saved.length, 1)
    assert.ok(saved[0].startsWith('/') && saved[0] !== picture)
  }, { providers: { authorize: {} } }),
)

test(
  'f_h15_the_provider_of_one_mini_program_wins_until_it_is_taken_back',
  hosted(async (host) => {
    const applet = await host.open('ft.onCustomEvent(() => wx.login().then(r => ft.report(r), e => ft.report(e)))')
    const said = () => {
      applet.sendCustomEvent({})
      return host.reported()
    }
    assert.equal((await said()).code, 'configured')
    host.client.setProvider('login', () => ({ code: 'all' }))
    applet.setProvider('login', () => ({ code: 'own' }))
    assert.equal((await said()).code, 'own')
    assert.equal(applet.removeProvider('login'), true)
    assert.equal((await said()).code, 'all')
    assert.equal(host.client.removeProvider('login'), true)
    assert.equal(host.client.removeProvider('login'), false)
    assert.equal((await said()).code, 'configured')
  }, { providers: { login: { code: 'configured' } } }),
)

test(
  'h_c12_wrong_arguments_of_setProvider_are_refused_by_their_names',
  hosted(async (host) => {
    /** @type {any} */
    const wrong = 7
    await refused(() => host.client.setProvider('login', wrong), { ...codes.E_PARAM, message: /^handler: / })
    await refused(() => host.client.setProvider(wrong, () => {}), { ...codes.E_PARAM, message: /^name: / })
    await refused(() => host.client.setProvider('request', () => {}), { ...codes.E_PARAM, message: /^name: / })
  }),
)
