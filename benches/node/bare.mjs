// The bare primitive that rows are compared with: benches/bare, built and loaded on first use.

import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Bare
 * @property {(calls: number, handler: Handler) => void} roundTrips answered by what the handler returns
 * @property {(calls: number, window: number, handler: Handler) => void} pipe answered by `answer`
 * @property {(id: number) => void} answer
 */
/** @typedef {(id: number, took: number | undefined) => number | void} Handler the last call has no id but the time */

const root = fileURLToPath(new URL('../..', import.meta.url))
/** @type {Bare | undefined} */
let loaded

function bare() {
  if (loaded === undefined) {
    execFileSync('cargo', ['build', '--release', '--package', 'finapp-bench-bare'], { cwd: root, stdio: 'inherit' })
    const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
    const module = { exports: {} }
    process.dlopen(module, join(target, 'release', 'libfinapp_bench_bare.so'))
    loaded = /** @type {Bare} */ (module.exports)
  }
  return loaded
}

/**
 * Microseconds of one round trip, one after another.
 * @param {number} calls
 * @returns {Promise<number>}
 */
export function roundTrips(calls) {
  return new Promise((done) => {
    bare().roundTrips(calls, (id, took) => {
      if (took === undefined) return id
      done(took / 1e3 / calls)
    })
  })
}

/**
 * Microseconds of one call there and its answer back, `window` calls at once.
 * @param {number} calls
 * @param {number} window
 * @returns {Promise<number>}
 */
export function pipe(calls, window) {
  const { pipe, answer } = bare()
  return new Promise((done) => {
    pipe(calls, window, (id, took) => {
      if (took === undefined) answer(id)
      else done(took / 1e3 / calls)
    })
  })
}
