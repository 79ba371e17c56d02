// Stands in for @kit.SensorServiceKit: a motor that nobody feels.

module.exports = { vibrator: { startVibration: async () => {} } }
