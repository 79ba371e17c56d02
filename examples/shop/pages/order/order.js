// Who orders, and whether the terms were read.

const { inEuros, total } = require('../../goods.js')

const { reduced } = requirePlugin('voucher')

const app = getApp()

Page({
  data: { name: '', accepted: [], total: '' },

  onLoad() {
    this.setData({ total: inEuros(total(app.basket)) })
  },

  onName(event) {
    this.setData({ name: event.detail.value })
  },

  onVoucher(event) {
    this.setData({ total: inEuros(reduced(total(app.basket), event.detail.percent)) })
  },

  onAccepted(event) {
    this.setData({ accepted: event.detail.value })
  },

  onSend() {
    console.log(`${this.data.name} orders for ${this.data.total}: ${JSON.stringify(app.basket)}`)
    app.basket = {}
    wx.navigateBack()
  },
})
