// Stands in for @kit.ArkUI: a screen, and the names of what covers a part of a window.

const display = {
  getDefaultDisplaySync: () => ({ width: 1260, height: 2720, densityPixels: 3.5 }),
}

const window = {
  AvoidAreaType: { TYPE_SYSTEM: 0, TYPE_NAVIGATION_INDICATOR: 4 },
}

module.exports = { display, window }
