// The host samples of the product documents in their ArkTS form, against the mini-program samples as they are written.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Host, hosted, native } from './support.mjs'

test('f_h01_the_harmony_sample_of_the_page_sdk_document', async () => {
  const { FinAppClient } = native
  const [finAppConfig, context, entryInfo, startMode] = [{ log: () => {} }, {}, {}, 0]

  const client = FinAppClient.init(
    finAppConfig, // Parameter definitions can refer to the HarmonyOS SDK initialization documentation
    context,
    entryInfo,
    startMode
  )

  client.registerCustomApi('js2AppFunction', (args) => {
      const params = args.params
      const callback = args.callback
      assert.equal(JSON.stringify(params), '{"name":"getLocation"}')
      callback.onSuccess({ data: 'customApi success' })
  })

  // The same configuration gives the same client, so the host of the tests stands on the sample's.
  const host = new Host()
  assert.equal(host.client, client)
  const seen = await host.run(`ft.js2AppFunction({ name: 'getLocation', success: ft.report })`, ['js2AppFunction'])
  assert.deepEqual(seen, { data: 'customApi success', errMsg: 'js2AppFunction:ok' })
  await host.end()
})

/**
 * The plugin of the Android document: each event a registration.
 * @param {Host} host
 */
function customPlugin({ client }) {
  client.registerCustomApi('customAsyncEvent', (req) => req.callback.onSuccess({ key: 'test' }))
  client.registerSyncApi('customSyncEvent', () => ({ key: 'value' }))
  client.registerCustomApi('getAppBaseInfo', (req) => req.callback.onSuccess({ key: 'test' }))
  client.registerCustomApi('testState', (req) => {
    req.callback.sendState({ progress: 1 })
    req.callback.sendState({ progress: 30 })
    req.callback.sendState({ progress: 60 })
    req.callback.sendState({ progress: 100 })
    req.callback.onSuccess({ key: 'test' })
  })
}

test(
  'f_h02_the_asynchronous_sample_of_the_custom_api_document',
  hosted(async (host) => {
    customPlugin(host)
    const { seen } = await host.run(
      `const seen = []
       // Asynchronous API call
       var opts = {
         api_name: 'customAsyncEvent',
         progress: function(res) { seen.push(['progress', res]) },
         success: function(res) { seen.push(['success', res.key]) },
         fail: function(res) { seen.push(['fail', res]) },
         complete: function(res) { seen.push(['complete', res.key]); ft.report({ seen }) },
         data: { // Input parameters
           name : 'kka',
           age : 22
         }
       }
       wx.invokeNativePlugin(opts);`,
    )
    assert.deepEqual(seen, [['success', 'test'], ['complete', 'test']])
  }),
)

test(
  'f_h04_the_synchronous_sample_of_the_custom_api_document',
  hosted(async (host) => {
    customPlugin(host)
    const seen = await host.run(
      `// Synchronous API call
       var opts = {
         api_name: 'customSyncEvent',
         sync:true
       }
       var rst = wx.invokeNativePlugin(opts);
       ft.report(rst)`,
    )
    assert.equal(seen.key, 'value')
  }),
)

/** The configuration file of the custom-API document. */
const customConfig = `{
"extApi": [
{
"name": "customSyncEvent",
"sync": true,
"params": {
"name": "",
"age": ""
}
},
{
"name": "customAsyncEvent",
"sync": false,
"params": {
"name": "",
"age": ""
}
},
{
"name": "testState",
"sync": false,
"params": {
}
},
{
"name": "getAppBaseInfo",
"sync": false,
"params": {
}
}
],
"overwriteWxApi": true
}`

test(
  'f_h05_the_progress_sample_of_the_custom_api_document',
  hosted(
    async (host) => {
      customPlugin(host)
      const { seen } = await host.run(
        `const seen = []
         var opts = {
         progress: function(res) { seen.push(res.progress) },
         success: function(res) { seen.push(res.key) },
         fail: function(res) {},
         complete: function(res) { ft.report({ seen }) }
         }
         wx.testState(opts);

         wx.customAsyncEvent({"name":"123","age":"18"})`,
      )
      assert.deepEqual(seen, [1, 30, 60, 100, 'test'])
    },
    { customApiConfig: { json: customConfig } },
  ),
)

test(
  'f_h07_the_overwriting_sample_of_the_custom_api_document',
  hosted(
    async (host) => {
      customPlugin(host)
      const seen = await host.run(`wx.getAppBaseInfo().then(ft.report) // This will override the system API and call the custom API.`)
      assert.equal(seen.key, 'test')
    },
    { customApiConfig: { json: customConfig } },
  ),
)

test(
  'f_h02_the_sample_of_the_flutter_document',
  hosted(async (host) => {
    host.client.registerCustomApi('myApiName', async (call) => {
      assert.equal(call.extInfo.name, 'myApiName')
      assert.equal(call.extInfo.webviewId, 0)
      assert.deepEqual(call.params, { name: 'kka', age: 22 })
      return { result: 'success', method: 'myApiHandler' }
    })
    const seen = await host.run(
      `const log = ft.report
       /// Mini Program Call
       var opts = {
       api_name: 'myApiName',
       success: function(res) {
       log(res);
       },
       fail: function(res) {
       log(res);
       },
       complete: function(res) {},
       data: {
       name : 'kka',
       age : 22
       }
       }
       wx.invokeNativePlugin(opts);`,
    )
    assert.equal(seen.result, 'success')
    assert.equal(seen.method, 'myApiHandler')
  }),
)

test(
  'f_h02_the_samples_of_the_document_on_other_apis',
  hosted(async (host) => {
    host.client.registerCustomApi('finclipLogin', ({ params, callback }) => callback.onSuccess({ at: String(params.url) }))
    host.client.registerSyncApi('finclipTestSync', ({ params }) => ({ title: `${params.name}/${params.title}` }))
    await host.open(`// loadExtApi parameters are the same as FinClipConf.js
      ft.loadExtApi([
          {
            name: 'finclipLogin',
            sync: false,
            params: {
              url: ''
            }
          },
          {
            name: 'finclipTestSync',
            sync: true,
            params: {
                name:'',
                title:''
            }
          }
        ])

      // Asynchronous call example
      ft.finclipLogin({
        url: 'some url',
        success: (res) => { ft.report(res) },
        fail: (res) => { ft.report(res) },
      })

      // Synchronous call example
      const res = ft.finclipTestSync({ name: '', title: ''})
      ft.report(res)`)
    const seen = [await host.reported(), await host.reported()]
    assert.deepEqual(seen.map(({ errMsg }) => errMsg).sort(), ['finclipLogin:ok', 'finclipTestSync:ok'])
    assert.ok(seen.some(({ at }) => at === 'some url') && seen.some(({ title }) => title === '/'))
  }),
)
