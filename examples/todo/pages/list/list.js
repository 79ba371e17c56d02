// The list: adds, ticks off and removes entries.

const app = getApp()

Page({
  data: { draft: '', items: [], open: 0 },

  onShow() {
    this.show(app.items)
  },

  show(items) {
    this.setData({ items, open: items.filter((item) => !item.done).length })
  },

  onDraft(event) {
    this.setData({ draft: event.detail.value })
  },

  onAdd() {
    const title = this.data.draft.trim()
    if (title === '') return
    this.show(app.update((items) => {
      const id = items.reduce((most, item) => Math.max(most, item.id), 0) + 1
      return [...items, { id, title, done: false }]
    }))
    this.setData({ draft: '' })
    console.log(`added ${title}`)
  },

  onDone(event) {
    const done = event.detail.value.map(Number)
    this.show(app.update((items) => items.map((item) => ({ ...item, done: done.includes(item.id) }))))
  },

  onRemove(event) {
    const { id } = event.currentTarget.dataset
    this.show(app.update((items) => items.filter((item) => item.id !== Number(id))))
  },

  onEdit(event) {
    wx.navigateTo({ url: `/pages/edit/edit?id=${event.currentTarget.dataset.id}` })
  },
})
