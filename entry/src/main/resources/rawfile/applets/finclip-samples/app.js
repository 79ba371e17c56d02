// The JavaScript samples of FinClip's documents. The host sends {name: 'run', sample}, and what comes of the sample goes
// back to it through the custom API `report`.

// The parameters of loadExtApi are the same as in FinClipConf.js.
ft.loadExtApi([
  {
    name: 'finclipTestSync',
    sync: true,
    params: {
      name: '',
      title: '',
    },
  },
])

const samples = {
  js2AppFunction(answer) {
    ft.js2AppFunction({ name: 'getLocation', success: answer, fail: answer })
  },

  finclipLogin(answer) {
    ft.finclipLogin({
      url: 'some url',
      success: (res) => { answer(res) },
      fail: (res) => { answer(res) },
    })
  },

  finclipTestSync(answer) {
    const res = ft.finclipTestSync({ name: '', title: '' })
    answer(res)
  },

  // Against the template: `fail` is called, and the host hears nothing of it.
  wrongParameter(answer) {
    ft.finclipLogin({ url: 42, success: answer, fail: answer })
  },

  // Without callbacks a call gives a Promise.
  failingCall(answer) {
    ft.js2AppFunction({ name: 'somethingElse' }).then(answer, answer)
  },

  onCustomEvent(answer) {
    const callback = (res) => {
      answer(res)
      ft.offCustomEvent(callback)
    }
    ft.onCustomEvent(callback)
  },

  offCustomEvent(answer) {
    const callback = (res) => answer({ heardBy: 'the listener that was taken away', res })
    ft.onCustomEvent(callback)
    ft.offCustomEvent(callback)
    ft.onCustomEvent((res) => {
      answer({ heardBy: 'the other listener', res })
      // Without an argument all are taken away.
      ft.offCustomEvent()
    })
  },

  addCustomEventListener(answer) {
    const callback = (res) => {
      answer(res)
      ft.removeCustomEventListener('someMethod', callback)
    }
    ft.addCustomEventListener('someMethod', callback)
  },

  removeCustomEventListener(answer) {
    const callback = (res) => answer({ heardBy: 'the listener that was taken away', res })
    ft.addCustomEventListener('someMethod', callback)
    ft.removeCustomEventListener('someMethod', callback)
    const other = (res) => {
      answer({ heardBy: 'the other listener', res })
      ft.removeCustomEventListener('someMethod', other)
    }
    ft.addCustomEventListener('someMethod', other)
  },
}

/** Runs one sample; what it throws is its answer. */
function run({ sample }) {
  const answer = (result) => ft.report({ sample, answer: result })
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
    ft.addCustomEventListener('run', run)
  },
})
