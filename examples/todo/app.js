// A to-do list: the list and one page to change an entry. What is to do is stored, and is there at the next start.

const { load, save } = require('./store.js')

App({
  onLaunch() {
    this.items = load()
    console.log(`${this.items.length} entries were stored`)
  },

  /** Changes the entries and stores them. */
  update(change) {
    this.items = change(this.items)
    save(this.items)
    return this.items
  },
})
