// The goods, each with a stepper, and the way to the order.

const { GOODS, inEuros, total } = require('../../goods.js')

const app = getApp()

Page({
  data: { goods: [], total: '0.00' },

  onShow() {
    this.show()
  },

  show() {
    const { basket } = app
    this.setData({
      goods: GOODS.map((own) => ({ ...own, price: inEuros(own.price), amount: basket[own.id] || 0 })),
      total: inEuros(total(basket)),
    })
  },

  onAmount(event) {
    app.basket[event.currentTarget.dataset.id] = event.detail.value
    this.show()
  },

  onOrder() {
    wx.navigateTo({ url: '/pages/order/order' })
  },
})
