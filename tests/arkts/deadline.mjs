// A thread beside the tests that ends the process when it makes no progress. A timer would not do: a test may hang
// inside the native module, and then no timer of its thread runs.

import { writeSync } from 'node:fs'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'

// Reading and transpiling is slow on a slow machine, and says nothing about the tests.
const LOADING_PATIENCE = 300_000

/**
 * Starts the watch; the returned function is told what the process is doing, each time that changes.
 * @param {number} patience milliseconds without a change
 * @returns {(doing: string) => void}
 */
export function startDeadline(patience) {
  const watch = new Worker(fileURLToPath(import.meta.url), { workerData: { patience } })
  watch.unref()
  return (doing) => watch.postMessage(doing)
}

if (!isMainThread && parentPort) {
  /** @type {{ patience: number }} */
  const { patience } = workerData
  let doing = 'loading'
  const end = () => {
    // The process's own console needs the thread that hangs.
    writeSync(2, `no progress for too long: ${doing}\n`)
    process.kill(process.pid, 'SIGKILL')
  }
  let timer = setTimeout(end, LOADING_PATIENCE)
  parentPort.on('message', (/** @type {string} */ now) => {
    doing = now
    clearTimeout(timer)
    timer = setTimeout(end, patience)
  })
}
