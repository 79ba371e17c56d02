// A shop on tdesign's components, unmodified from npm: goods with steppers, a form, an order.

App({
  /** How many of each are in the basket, by the id of the goods. */
  basket: {},
})
