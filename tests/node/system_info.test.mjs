// What a host in Node tells of itself and the device, and what mini-programs make of it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted, onHarmony, refused } from './support.mjs'

test(
  'f_m17_a_mini_program_is_told_what_the_host_says_of_the_device',
  hosted(
    async (host) => {
      const seen = await host.run(
        'ft.report({ ...wx.getSystemInfoSync(), top: wx.getWindowInfo().safeArea.top, abi: wx.getDeviceInfo().abi })',
      )
      assert.equal(seen.model, 'M-1')
      assert.equal(seen.platform, onHarmony ? 'ohos' : 'devtools')
      assert.equal(seen.pixelRatio, 3)
      assert.equal(seen.top, 44)
      assert.equal(typeof seen.abi, 'string')
      assert.equal(seen.cameraAuthorized, true)
      assert.equal(seen.wifiEnabled, true)
      assert.equal(seen.fontSizeSetting, 18)
    },
    {
      host: {
        fontSizeSetting: 18,
        device: { model: 'M-1' },
        window: { pixelRatio: 3, safeArea: { left: 0, top: 44, right: 375, bottom: 640 } },
        systemSetting: { wifiEnabled: true },
        authorizeSetting: { cameraAuthorized: 'authorized' },
      },
    },
  ),
)

test(
  'f_m17_an_update_is_seen_by_the_next_call_and_leaves_the_configuration_alone',
  hosted(
    async (host) => {
      await host.run('ft.onCustomEvent(() => ft.report(ft.getAppBaseInfo())); ft.report({})')
      host.client.updateHostInfo({ language: 'de-DE', theme: undefined })
      host.client.sendCustomEvent('demo', {})
      const { theme, language } = await host.reported()
      assert.deepEqual({ theme, language }, { theme: 'dark', language: 'de_DE' })
    },
    { host: { theme: 'dark' } },
  ),
)

test(
  'h_c12_wrong_news_of_the_host_are_refused_by_the_name_of_their_field',
  hosted(async (host) => {
    const wrong = /** @type {[any, RegExp][]} */ ([
      [undefined, /^info: expected an object, got nothing/],
      ['dark', /^info: expected an object, got a string/],
      [[], /^info: /],
      [{ theme: 'blue' }, /^theme: /],
      [{ themes: 'dark' }, /^themes: /],
      [{ window: { pixelRatio: Number.NaN } }, /^window\.pixelRatio: /],
      [{ window: { screenWidth: -1 } }, /^window\.screenWidth: expected 0 to 1000000, got -1/],
      [{ device: { model: 1 } }, /^device\.model: /],
      [{ authorizeSetting: { albumAuthorized: true } }, /^authorizeSetting\.albumAuthorized: /],
    ])
    for (const [info, message] of wrong) {
      await refused(() => host.client.updateHostInfo(info), { ...codes.E_PARAM, message })
    }
    await host.client.shutdown()
    await refused(() => host.client.updateHostInfo({}), { ...codes.E_CLOSED })
  }),
)
