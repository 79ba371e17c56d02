// Stands in for @kit.AbilityKit: as much of it as the SDK uses at run time.

/** The base class of abilities. The system calls its methods and gives it its context; here the tests do. */
class UIAbility {
  /** @type {object | undefined} */
  context
}

/** ArkUI's store of a page. On a device the class is global; here only abilities make one. */
class LocalStorage {
  /** @type {Map<string, unknown>} */
  #values

  /** @param {Record<string, unknown>} values */
  constructor(values) {
    this.#values = new Map(Object.entries(values))
  }

  /** @param {string} key */
  get(key) {
    return this.#values.get(key)
  }
}

const AbilityConstant = {
  MemoryLevel: { MEMORY_LEVEL_MODERATE: 0, MEMORY_LEVEL_LOW: 1, MEMORY_LEVEL_CRITICAL: 2 },
}

const ConfigurationConstant = {
  ColorMode: { COLOR_MODE_NOT_SET: -1, COLOR_MODE_DARK: 0, COLOR_MODE_LIGHT: 1 },
}

const bundleManager = {
  BundleFlag: { GET_BUNDLE_INFO_DEFAULT: 0 },
  getBundleInfoForSelfSync: () => ({ versionName: '4.5.6' }),
}

/** The user allows whatever the system asks. */
const abilityAccessCtrl = {
  createAtManager: () => ({
    /**
     * @param {object} _context
     * @param {string[]} permissions
     */
    requestPermissionsFromUser: async (_context, permissions) => ({ authResults: permissions.map(() => 0) }),
  }),
}

const wantConstant = { Flags: { FLAG_AUTH_READ_URI_PERMISSION: 1 } }

Object.assign(globalThis, { LocalStorage })
module.exports = {
  abilityAccessCtrl,
  AbilityConstant,
  bundleManager,
  ConfigurationConstant,
  UIAbility,
  wantConstant,
}
