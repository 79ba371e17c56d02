// The app's object in a page, as ArkWeb gives it: there before any script of the page, in every frame. Runs in a function
// with `proxy`, its name, `binding`, the name of the way out, which no other script sees, and `door`, an address for what
// has to return its answer.

const post = globalThis[binding]
delete globalThis[binding]
/** What one message may have: far more than the app takes, and less than makes the browser's pipe slow. */
const MOST = 1 << 26

const message = (which, name, params, id) =>
  `${which}\n${typeof id === 'number' || typeof id === 'string' ? id : NaN}\n${name}\n${params}`
const fits = (name, params) => typeof name === 'string' && typeof params === 'string' && params.length <= MOST

const method = (which) => (name, params, id) => {
  if (fits(name, params)) post(message(which, name, params, id))
}

// A function that returns its answer. The protocol has none: the page says its call as all others, so that the browser
// knows who speaks, and stands still in a request that asks for the answer by a key. It never leaves the browser.
const { apply } = Reflect
const { XMLHttpRequest, Uint32Array } = globalThis
const { open, send } = XMLHttpRequest.prototype
const read = (member) => Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, member).get
const [status, responseText] = [read('status'), read('responseText')]
const { endsWith, includes } = String.prototype
const random = Crypto.prototype.getRandomValues
const source = crypto

const invokeHandler = (name, params, id) => {
  if (!fits(name, params)) return undefined
  if (!apply(endsWith, name, ['Sync']) && !apply(includes, params, ['"_sync":true'])) {
    return post(message('invokeHandler', name, params, id))
  }
  const { 0: a, 1: b, 2: c, 3: d } = apply(random, source, [new Uint32Array(4)])
  const key = `${a}-${b}-${c}-${d}`
  post(message(`return ${key}`, name, params, id))
  try {
    const request = new XMLHttpRequest()
    apply(open, request, ['POST', door, false])
    apply(send, request, [key])
    return apply(status, request, []) === 200 ? apply(responseText, request, []) : undefined
  } catch {
    // The page's own rules forbid the request.
    return undefined
  }
}

Object.defineProperty(globalThis, proxy, {
  enumerable: true,
  value: Object.freeze({
    webInvokeHandler: method('webInvokeHandler'),
    invokeHandler,
    publishHandler: method('publishHandler'),
  }),
})
