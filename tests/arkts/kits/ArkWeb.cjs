// Stands in for @kit.ArkWeb: a browser that shows nothing. A controller without a component throws as the system's does.

const detached = () => {
  throw Object.assign(new Error('The WebviewController must be associated with a Web component.'), { code: 17100001 })
}

class WebviewController {
  loadUrl() { detached() }
  backward() { detached() }
  accessBackward() { return detached() }
  runJavaScript() { return detached() }
  registerJavaScriptProxy() { detached() }
  getLastJavascriptProxyCallingFrameUrl() { return detached() }
}

class WebResourceResponse {
  #ready = true
  #code = 200
  #data = ''
  #type = ''
  setResponseIsReady(/** @type {boolean} */ ready) { this.#ready = ready }
  getResponseIsReady() { return this.#ready }
  setResponseCode(/** @type {number} */ code) { this.#code = code }
  getResponseCode() { return this.#code }
  setResponseData(/** @type {any} */ data) { this.#data = data }
  getResponseDataEx() { return this.#data }
  setResponseMimeType(/** @type {string} */ type) { this.#type = type }
  getResponseMimeType() { return this.#type }
  setResponseHeader() {}
  setReasonMessage() {}
}

// A class of the system that is there without an import.
Object.assign(globalThis, { WebResourceResponse })

let cleared = 0
const webview = {
  WebviewController,
  WebCookieManager: { clearAllCookiesSync: (/** @type {boolean} */ incognito) => { cleared += incognito ? 1 : 0 } },
  WebStorage: { deleteAllData: () => {} },
  // Only here: how often the private store was emptied.
  cleared: () => cleared,
}

module.exports = { webview }
