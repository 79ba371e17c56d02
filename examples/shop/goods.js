// What the shop sells. Prices are in cents.

const GOODS = [
  { id: 'tea', title: 'Green tea', price: 450 },
  { id: 'cup', title: 'Cup', price: 1200 },
]

const inEuros = (cents) => (cents / 100).toFixed(2)

const total = (basket) => GOODS.reduce((sum, own) => sum + own.price * (basket[own.id] || 0), 0)

module.exports = { GOODS, inEuros, total }
