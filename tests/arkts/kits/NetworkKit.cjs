// Stands in for @kit.NetworkKit: a wireless network.

const connection = {
  NetBearType: { BEARER_CELLULAR: 0, BEARER_WIFI: 1, BEARER_ETHERNET: 3 },
  hasDefaultNetSync: () => true,
  getDefaultNetSync: () => ({ netId: 1 }),
  getNetCapabilitiesSync: () => ({ bearerTypes: [1] }),
}

module.exports = { connection }
