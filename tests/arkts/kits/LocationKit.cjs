// Stands in for @kit.LocationKit: a device that stays where it is.

const geoLocationManager = {
  LocatingPriority: { PRIORITY_ACCURACY: 0x501, PRIORITY_LOCATING_SPEED: 0x502 },
  getCurrentLocation: async () => ({ latitude: 39.9, longitude: 116.4, altitude: 44, accuracy: 10, speed: 0 }),
}

module.exports = { geoLocationManager }
