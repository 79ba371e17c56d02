// Message ports for the app, as ArkWeb makes them outside of a page. Runs in a world of its own beside the scripts of the
// page, which see nothing of it but the message with their end: in a function with `binding`, the name of the way out,
// `acts`, that of the functions below, and `most`, how many bytes one message may have.

const post = globalThis[binding]
/** That of the document: its number, and the app's end. @type {{ number: number, end: MessagePort } | undefined} */
let port

/** More arguments than this are too many for one call. */
const PART = 8192

const textOf = (/** @type {ArrayBuffer} */ buffer) => {
  const bytes = new Uint8Array(buffer)
  let text = ''
  for (let from = 0; from < bytes.length; from += PART)
    text += String.fromCharCode(...bytes.subarray(from, from + PART))
  return btoa(text)
}

const bytesOf = (/** @type {string} */ base64) => {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes.buffer
}

const close = () => {
  port?.end.close()
  port = undefined
}

globalThis[acts] = {
  open(number, name) {
    close()
    const { port1: end, port2: given } = new MessageChannel()
    port = { number, end }
    end.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength <= most) post(`${number}\n${textOf(data)}`)
    }
    postMessage(name, '*', [given])
  },
  send(number, base64) {
    if (port?.number !== number) return
    const bytes = bytesOf(base64)
    port.end.postMessage(bytes, [bytes])
  },
  close(number) {
    if (port?.number === number) close()
  },
}
