// Changes the title of one entry.

const app = getApp()

Page({
  data: { title: '' },

  onLoad(query) {
    this.id = Number(query.id)
    const item = app.items.find((own) => own.id === this.id)
    this.setData({ title: item ? item.title : '' })
  },

  onTitle(event) {
    this.setData({ title: event.detail.value })
  },

  onSave() {
    const { title } = this.data
    app.update((items) => items.map((item) => (item.id === this.id ? { ...item, title } : item)))
    console.log(`saved ${title}`)
    wx.navigateBack()
  },
})
