// What a shop may ask of the vouchers.

module.exports = {
  /** The price with so many percent off. */
  reduced: (price, percent) => Math.round(price * (100 - percent) / 100),
}
