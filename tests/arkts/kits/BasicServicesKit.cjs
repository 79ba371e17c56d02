// Stands in for @kit.BasicServicesKit: a device and its clipboard.

const deviceInfo = {
  abiList: 'arm64-v8a',
  brand: 'EXAMPLE',
  deviceType: 'phone',
  distributionOSName: 'HarmonyOS',
  distributionOSVersion: '5.0.0',
  osFullName: 'OpenHarmony-5.0.0.71',
  productModel: 'EX-1',
}

/** @type {string | undefined} */
let copied

const clipboard = {
  /** @param {{ text: string }} data */
  setData: async (data) => { copied = data.text },
  getData: async () => ({ getRecordCount: () => (copied === undefined ? 0 : 1), getPrimaryText: () => copied }),
}

const pasteboard = {
  MIMETYPE_TEXT_PLAIN: 'text/plain',
  /**
   * @param {string} type
   * @param {string} text
   */
  createData: (type, text) => ({ type, text }),
  getSystemPasteboard: () => clipboard,
}

module.exports = { deviceInfo, pasteboard }
