// The app's object in a page, as ArkWeb gives it: there before any script of the page, in every frame, and its functions
// return nothing. Runs in a function with `binding`, the name of the one way out, which no other script sees.

const post = globalThis[binding]
delete globalThis[binding]
/** What one message may have: far more than the app takes, and less than makes the browser's pipe slow. */
const MOST = 1 << 26

const method = (which) => (name, params, id) => {
  if (typeof name !== 'string' || typeof params !== 'string' || params.length > MOST) return
  post(`${which}\n${typeof id === 'number' || typeof id === 'string' ? id : NaN}\n${name}\n${params}`)
}
Object.defineProperty(globalThis, 'FinChatJSCore', {
  enumerable: true,
  value: Object.freeze({
    webInvokeHandler: method('webInvokeHandler'),
    invokeHandler: method('invokeHandler'),
    publishHandler: method('publishHandler'),
  }),
})
globalThis.__fcjs_environment = 'miniprogram'
