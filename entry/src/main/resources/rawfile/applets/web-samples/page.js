// The page of the web-view.
Page({
  data: { src: '/web.html' },

  loaded() {
    getApp().loaded()
  },
})
