// The custom APIs of the mini-program itself. A web page needs no declaration: it names what it calls.
module.exports = {
  extApi: [{ name: 'report', sync: false, params: { sample: '' } }],
}
