// Calls the custom APIs of its app, as mini-programs for TCMPP do: directly, by `invokeNativePlugin`, with progress, and
// with what can go wrong.

const show = (name) => ({
  success: (answer) => console.log(`${name} success ${JSON.stringify(answer)}`),
  fail: (failure) => console.warn(`${name} fail ${JSON.stringify(failure)}`),
  complete: () => console.log(`${name} complete`),
})

const run = async () => {
  console.log(`device ${wx.deviceNumber().number}`)

  const profile = await wx.getUserProfile({ desc: 'for the greeting' })
  console.log(`hello ${profile.nickName}`)

  await new Promise((resolve) => {
    wx.invokeNativePlugin({
      api_name: 'download',
      data: { url: 'https://files.example/manual.pdf' },
      progress: (state) => console.log(`download ${state.percent} %`),
      success: (answer) => console.log(`download ${answer.path}`),
      complete: resolve,
    })
  })

  const refused = await wx.pay({ amount: 5, order: { id: 'o-1' } }).catch((failure) => failure)
  console.warn(`${refused.errMsg}, code ${refused.code}`)
  const paid = await wx.pay({ amount: 5, order: { id: 'o-1' } })
  console.log(`paid with receipt ${paid.receipt}`)

  const cancelled = await wx.scanCard().catch((failure) => failure)
  console.log(cancelled.errMsg)

  wx.openDoor({ door: 7, ...show('openDoor') })
}

App({
  onLaunch() {
    wx.onCustomEvent((event) => console.log(`event ${JSON.stringify(event)}`))
    run().catch((error) => console.error(String(error)))
  },

  onShow() {
    console.log('shown')
  },

  onHide() {
    console.log('hidden')
  },
})
