// The JavaScript samples of TCMPP's documents for Android and Flutter hosts. The host sends {name: 'run', sample}, and
// what comes of the sample goes back to it through the custom API `report`.

const samples = {
  // Asynchronous API call
  customAsyncEvent(answer) {
    var opts = {
      api_name: 'customAsyncEvent',
      success: function (res) { answer(res) },
      fail: function (res) { answer(res) },
      complete: function (res) {},
      data: { // Input parameters
        name: 'kka',
        age: 22,
      },
    }
    wx.invokeNativePlugin(opts)
  },

  // Synchronous API call
  customSyncEvent(answer) {
    var opts = {
      api_name: 'customSyncEvent',
      sync: true,
    }
    var rst = wx.invokeNativePlugin(opts)
    answer(rst)
  },

  // The host answers with states first; `progress` sees each, in order.
  testState(answer) {
    const states = []
    var opts = {
      progress: function (res) { states.push(res.progress) },
      success: function (res) { answer({ states, ...res }) },
      fail: function (res) { answer({ states, ...res }) },
      complete: function (res) {},
    }
    wx.testState(opts)
  },

  // By its own name, which custom-config.json lists.
  directCall(answer) {
    wx.customAsyncEvent({ name: '123', age: '18' }).then(answer, answer)
  },

  // This overrides the system API and calls the custom one.
  getAppBaseInfo(answer) {
    wx.getAppBaseInfo().then(answer, answer)
  },

  // A handler in Flutter's form.
  myApiName(answer) {
    var opts = {
      api_name: 'myApiName',
      success: function (res) { answer(res) },
      fail: function (res) { answer(res) },
      complete: function (res) {},
      data: {
        name: 'kka',
        age: 22,
      },
    }
    wx.invokeNativePlugin(opts)
  },

  // Nobody answers this name, and the call says so at once.
  unknownApi(answer) {
    wx.invokeNativePlugin({ api_name: 'nobodyAnswersThis' }).then(answer, answer)
  },

  // Another Ability opens, and its result is the answer.
  testStartActivityForResult(answer) {
    wx.invokeNativePlugin({ api_name: 'testStartActivityForResult', success: answer, fail: answer })
  },
}

/** Runs one sample; what it throws is its answer. */
function run({ sample }) {
  const answer = (result) => wx.invokeNativePlugin({ api_name: 'report', data: { sample, answer: result } })
  const body = samples[sample]
  if (body === undefined) return answer({ errMsg: `no sample ${sample}` })
  try {
    return body(answer)
  } catch (error) {
    return answer({ errMsg: String(error) })
  }
}

App({
  onLaunch() {
    wx.addCustomEventListener('run', run)
  },
})
