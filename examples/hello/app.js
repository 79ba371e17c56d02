// Calls every kind of custom API once, one after another, listens to events, and reports each step to the host.

const { check } = require('./check.js')

/** Tells the host how a step went. */
const report = (step, problem, detail) => ft.report({ step, ok: problem === '', problem, detail })

const steps = {
  async asynchronous() {
    const answer = await ft.greet({ name: 'finapp' })
    return [check(answer, { greeting: 'hello finapp', errMsg: 'greet:ok' }), answer.greeting]
  },

  synchronous() {
    const answer = ft.deviceId()
    return [check(answer, { id: 'd-9', errMsg: 'deviceId:ok' }), answer.id]
  },

  progress() {
    const seen = []
    return new Promise((resolve) => {
      ft.download({
        url: 'https://files.example/manual.pdf',
        progress: (state) => seen.push(state.percent),
        success: (answer) => seen.push(answer.path),
        complete: () => resolve([check(seen, [25, 50, 100, '/manual.pdf']), seen.join(' ')]),
      })
    })
  },

  failing() {
    const seen = []
    return new Promise((resolve) => {
      ft.pay({
        amount: 3,
        success: () => seen.push('success'),
        fail: (failure) => seen.push('fail', failure.code, failure.errMsg),
        complete: () => resolve([check(seen, ['fail', 402, 'pay:fail no funds']), seen.join(' ')]),
      })
    })
  },

  async binary() {
    const pixels = new Uint8Array([0, 1, 254, 255])
    const answer = await ft.invert({ picture: { pixels } })
    return [check([...answer.pixels], [255, 254, 1, 0]), `${answer.pixels.length} bytes`]
  },

  async nativePlugin() {
    const answer = await wx.invokeNativePlugin({ api_name: 'greet', data: { name: 'plugin' } })
    return [check(answer, { greeting: 'hello plugin', errMsg: 'invokeNativePlugin:ok' }), answer.greeting]
  },

  async unknown() {
    const failure = await wx.invokeNativePlugin({ api_name: 'nobody' }).catch((reason) => reason)
    return [check(failure.errCode, 20006), failure.errMsg]
  },

  builtIn() {
    const info = ft.getAppBaseInfo()
    return [check(info.errMsg, 'getAppBaseInfo:ok'), `base library ${info.SDKVersion}`]
  },
}

App({
  async onLaunch() {
    ft.onCustomEvent((event) => report('event', check(event.from, 'host'), JSON.stringify(event)))
    ft.addCustomEventListener('orderPaid', (event) => {
      report('namedEvent', check(event.data, { order: 7 }), event.name)
    })
    for (const [name, run] of Object.entries(steps)) {
      try {
        const [problem, detail] = await run()
        await report(name, problem, detail)
      } catch (error) {
        await report(name, String(error), '')
      }
    }
    await report('listening', '', 'waiting for events')
  },
})
