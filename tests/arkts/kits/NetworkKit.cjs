// Stands in for @kit.NetworkKit: a wireless network, until a test says that it is lost.

let connected = true
/** @type {Map<object, Record<string, () => void>>} */
const listeners = new Map()

const connection = {
  NetBearType: { BEARER_CELLULAR: 0, BEARER_WIFI: 1, BEARER_ETHERNET: 3 },
  hasDefaultNetSync: () => connected,
  getDefaultNetSync: () => ({ netId: 1 }),
  getNetCapabilitiesSync: () => ({ bearerTypes: [1] }),
  createNetConnection: () => {
    const own = {}
    /** @type {Record<string, () => void>} */
    const heard = {}
    return {
      on: (/** @type {string} */ type, /** @type {() => void} */ listener) => { heard[type] = listener },
      register: (/** @type {() => void} */ done) => {
        listeners.set(own, heard)
        done()
      },
      unregister: (/** @type {() => void} */ done) => {
        listeners.delete(own)
        done()
      },
    }
  },
  // Only here: the network is lost or found.
  become: (/** @type {boolean} */ now) => {
    connected = now
    for (const heard of listeners.values()) heard[now ? 'netAvailable' : 'netLost']?.()
  },
  // Only here: how many listen.
  listening: () => listeners.size,
}

module.exports = { connection }
