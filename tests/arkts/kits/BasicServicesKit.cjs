// Stands in for @kit.BasicServicesKit: a device.

const deviceInfo = {
  abiList: 'arm64-v8a',
  brand: 'EXAMPLE',
  deviceType: 'phone',
  distributionOSName: 'HarmonyOS',
  distributionOSVersion: '5.0.0',
  osFullName: 'OpenHarmony-5.0.0.71',
  productModel: 'EX-1',
}

module.exports = { deviceInfo }
