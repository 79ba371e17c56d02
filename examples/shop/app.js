// A shop on tdesign's components, unmodified from npm: goods with steppers, a form, an order, and a voucher by a plugin.

// The host says what a voucher is worth; the plugin may ask it too.
ft.loadExtApi({ name: 'checkVoucher', pluginId: 'voucher-services' })

App({
  /** How many of each are in the basket, by the id of the goods. */
  basket: {},
})
