// Bytes: as an ArrayBuffer beside the text, against the same bytes in the text.

import { byTurns } from './measure.mjs'
import { onStage } from './stage.mjs'

const BYTES = 512 * 1024

/** `make` and `read` are what the mini-program does to its bytes before and after. @param {string} make @param {string} read */
const script = (make, read) => `
  const bytes = new Uint8Array(${BYTES})
  for (let at = 0; at < bytes.length; at++) bytes[at] = at * 7
  const make = ${make}
  const read = ${read}
  ft.onCustomEvent(({ calls }) => ft.mark({ step: 'begin', success() {
    const fail = (answer) => ft.mark({ step: 'failed', answer })
    const success = ({ data }) => {
      const back = read(data)
      if (--calls > 0) return send()
      ft.mark({ step: 'end', answer: { length: back.length, last: back[back.length - 1] } })
    }
    const send = () => ft.swap({ data: make(bytes), success, fail })
    send()
  } }))`

/** @param {any} answer */
const isRight = ({ length, last }) => length === BYTES && last === (((BYTES - 1) * 7) & 255)

/** There and back as an ArrayBuffer, against base64 encoded and decoded at both ends. @param {string} module */
export function binary512k(module) {
  return onStage(module, async (stage) => {
    stage.client.registerCustomApi('swap', ({ params, callback }) => {
      const { data } = /** @type {{ data: ArrayBuffer | string }} */ (params)
      if (typeof data !== 'string') return callback.onSuccess({ data })
      const bytes = Buffer.from(data, 'base64')
      return callback.onSuccess({ data: bytes.toString('base64') })
    })
    await stage.open('buffer', script('(bytes) => bytes.buffer', '(data) => new Uint8Array(data)'), [{ name: 'swap' }])
    // The engine's own base64, which is much faster than any that a mini-program could bring along.
    const base64 = script('(bytes) => bytes.toBase64()', '(data) => Uint8Array.fromBase64(data)')
    await stage.open('base', base64, [{ name: 'swap' }])
    const ours = () => stage.timed('buffer', { calls: 60 }, isRight)
    return byTurns('us', 9, ours, () => stage.timed('base', { calls: 20 }, isRight))
  })
}
