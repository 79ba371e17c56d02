// Shows the web page, takes its orders as events, and answers each of them with an event.

Page({
  orders: 0,

  onLoaded() {
    console.log('the web page is there')
  },

  onFailed({ detail }) {
    console.error('the web page cannot be shown', detail)
  },

  onPageEvent({ detail }) {
    const { order } = detail.data
    this.orders += 1
    console.log(`order ${this.orders}: ${order}`)
    ft.sendWebviewEvent({ order, number: this.orders })
  },
})
