// What is to do, in the storage of the mini-program.

const KEY = 'items'

const load = () => wx.getStorageSync(KEY) || []
const save = (items) => wx.setStorageSync(KEY, items)

module.exports = { load, save }
