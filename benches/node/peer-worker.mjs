// The peer's worker: a QuickJS guest, a function that posts a text to the host, and one that takes a text from it.

import { parentPort } from 'node:worker_threads'
import { getQuickJS } from 'quickjs-emscripten'

const GUEST = `
  let last = 0
  const waiting = new Map()
  const call = (api, params, success) => {
    const id = ++last
    waiting.set(id, success)
    post(JSON.stringify({ id, api, params }))
  }
  const work = ({ calls, window }) => call('mark', { step: 'begin' }, () => {
    let sent = 0
    let answered = 0
    const success = (answer) => {
      answered++
      if (sent < calls) send()
      else if (answered === calls) call('mark', { step: 'end', answer }, () => {})
    }
    const send = () => {
      sent++
      call('ask', { name: 'Ada', age: 36 }, success)
    }
    while (sent < window && sent < calls) send()
  })
  globalThis.take = (text) => {
    const message = JSON.parse(text)
    if (message.work) return work(message.work)
    const success = waiting.get(message.id)
    waiting.delete(message.id)
    success(message.result)
  }`

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort)
const guest = (await getQuickJS()).newContext()
const post = guest.newFunction('post', (text) => {
  port.postMessage(guest.getString(text))
})
post.consume((post) => guest.setProp(guest.global, 'post', post))
guest.unwrapResult(guest.evalCode(GUEST)).dispose()
const take = guest.getProp(guest.global, 'take')

port.on('message', (/** @type {string} */ text) => {
  const argument = guest.newString(text)
  guest.unwrapResult(guest.callFunction(take, guest.undefined, argument)).dispose()
  argument.dispose()
  guest.runtime.executePendingJobs()
})
port.postMessage('ready')
