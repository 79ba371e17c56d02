// The custom APIs this mini-program expects of its host. Loaded before app.js.
module.exports = {
  extApi: [
    { name: 'greet', sync: false, params: { name: '' } },
    { name: 'deviceId', sync: true },
    { name: 'download', sync: false, params: { url: '' } },
    { name: 'pay', sync: false, params: { amount: 0 } },
    { name: 'invert', sync: false },
    { name: 'report', sync: false, params: { step: '' } },
  ],
}
