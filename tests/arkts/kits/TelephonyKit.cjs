// Stands in for @kit.TelephonyKit: a telephone that dials nothing.

module.exports = { call: { makeCall: async () => {} } }
