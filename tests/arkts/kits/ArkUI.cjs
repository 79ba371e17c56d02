// Stands in for @kit.ArkUI: a screen, the names of what covers a part of a window, and dialogs that are answered at once
// with their last button.

const display = {
  getDefaultDisplaySync: () => ({ width: 1260, height: 2720, densityPixels: 3.5 }),
}

const window = {
  getLastWindow: async () => ({ setWindowKeepScreenOn: async () => {}, setWindowBrightness: async () => {} }),
  AvoidAreaType: { TYPE_SYSTEM: 0, TYPE_NAVIGATION_INDICATOR: 4 },
}

/** @typedef {{ buttons: object[] }} Options */

const promptAction = {
  showToast() {},
  /** @param {Options} options */
  showDialog: async ({ buttons }) => ({ index: buttons.length - 1 }),
  /** @param {Options} options */
  showActionMenu: async ({ buttons }) => ({ index: buttons.length - 1 }),
}

module.exports = { display, promptAction, window }
