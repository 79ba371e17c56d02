// The custom APIs that are known before app.js runs; finclipTestSync is declared later, by ft.loadExtApi.
module.exports = {
  extApi: [
    {
      name: 'finclipLogin',
      sync: false,
      params: {
        url: '',
      },
    },
    { name: 'js2AppFunction', sync: false, params: { name: '' } },
    { name: 'report', sync: false, params: { sample: '' } },
  ],
}
