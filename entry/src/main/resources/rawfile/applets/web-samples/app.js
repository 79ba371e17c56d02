// A mini-program whose page is a web page of its own package: what it does is in web.js. The app sends {name: 'run',
// sample}; the web page is told which sample, once it is there.
App({
  waiting: [],
  isThere: false,

  onLaunch() {
    ft.addCustomEventListener('run', ({ sample }) => {
      this.waiting.push(sample)
      this.tell()
    })
  },

  /** The web page has been loaded. */
  loaded() {
    this.isThere = true
    this.tell()
  },

  tell() {
    if (!this.isThere) return
    for (const sample of this.waiting.splice(0)) ft.sendWebviewEvent({ sample })
  },
})
