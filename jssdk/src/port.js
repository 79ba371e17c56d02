// The channel for binaries: a message port that the app hands to the page, once both have agreed on it. Its name has
// the token of the document in it, and no other script gets to see the message.

import {
  OwnTypeError,
  closePort,
  listen,
  listenGlobally,
  messageData,
  messagePorts,
  postToPort,
  startPort,
  stopEvent,
} from './primordials.js'
import { isBuffer, unpack } from './binary.js'
import { counters } from './order.js'

/** @type {MessagePort | undefined} */
let port

/**
 * Takes the port when it comes, for as long as the document lives.
 * @param {() => string | undefined} expectedName what the app says with it; nothing while none is agreed on
 * @param {(message: {[member: string]: any}) => void} receive
 */
export function awaitPort(expectedName, receive) {
  listenGlobally(
    'message',
    (/** @type {MessageEvent} */ event) => {
      const name = expectedName()
      if (name === undefined || messageData(event) !== name) return
      stopEvent(event)
      const offered = messagePorts(event)
      if (port !== undefined || offered.length !== 1) {
        counters.refused += 1
        return
      }
      const taken = /** @type {MessagePort} */ (offered[0])
      port = taken
      listen(taken, 'message', (/** @type {MessageEvent} */ message) => {
        // What an earlier port still brings belongs to an earlier agreement.
        if (port === taken) open(messageData(message), receive)
      })
      startPort(taken)
    },
    true,
  )
}

/** Whether binaries can travel as bytes. */
export const hasPort = () => port !== undefined

/** Sends one message. */
export const postFrame = (/** @type {ArrayBuffer} */ frame) => postToPort(port, frame)

/** Gives the port up. */
export function dropPort() {
  if (port !== undefined) closePort(port)
  port = undefined
}

function open(/** @type {unknown} */ frame, /** @type {(message: {[member: string]: any}) => void} */ receive) {
  let message
  try {
    if (!isBuffer(frame)) throw new OwnTypeError('a message of the port is no ArrayBuffer')
    message = unpack(/** @type {ArrayBuffer} */ (frame), (head) => ('result' in head ? 'result' : 'data'))
  } catch {
    counters.malformed += 1
    return
  }
  receive(message)
}
