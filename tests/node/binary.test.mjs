// Binaries beside the text: in params, answers, progress and events, of every kind, without base64.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codes, hosted } from './support.mjs'

/** What a mini-program can say about a binary: its kind, the bytes, and where it stood. */
const described = `
  const bytes = (view) => Array.from(new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength))
  const describe = (view) => ({ kind: Object.prototype.toString.call(view).slice(8, -1), bytes: bytes(view) })`

const kinds = [
  new Uint8Array([1, 2, 3]).buffer,
  new Int8Array([-1, 2]),
  new Uint8Array([1, 255]),
  new Uint8ClampedArray([0, 255]),
  new Int16Array([-1, 300]),
  new Uint16Array([1, 65535]),
  new Int32Array([-1, 70000]),
  new Uint32Array([1, 4294967295]),
  new Float32Array([1.5, -0]),
  new Float64Array([Math.PI]),
  new BigInt64Array([-1n]),
  new BigUint64Array([2n ** 64n - 1n]),
  new DataView(new Uint8Array([9, 8]).buffer),
  new ArrayBuffer(0),
  new Uint8Array(0),
]

/** @param {ArrayBuffer | ArrayBufferView} view */
function bytesOf(view) {
  return Array.from(ArrayBuffer.isView(view) ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength) : new Uint8Array(view))
}

test(
  'f_h17_every_kind_of_binary_arrives_as_the_same_kind_both_ways',
  hosted(async (host) => {
    host.client.registerCustomApi('echo', ({ params }) => params)
    host.client.registerCustomApi('give', ({ params }) => ({ value: kinds[Number(params.index)] }))
    await host.open(
      `${described}
       ft.onCustomEvent(({ index }) => ft.give({ index, success({ value }) {
         ft.echo({ value, success({ value: back }) { ft.report({ there: describe(value), back: describe(back) }) } }) } }))`,
      ['echo', 'give'],
    )
    for (const [index, kind] of kinds.entries()) {
      host.client.sendCustomEvent('demo', { index })
      const { there, back } = await host.reported()
      const expected = { kind: Object.prototype.toString.call(kind).slice(8, -1), bytes: bytesOf(kind) }
      assert.deepEqual(there, expected)
      assert.deepEqual(back, expected)
    }
  }),
)

test(
  'f_h17_binaries_keep_their_places_however_deep_they_stand',
  hosted(async (host) => {
    const value = () => ({
      'a.b': { '': [new Uint8Array([1]), { __proto__x: new Uint8Array([2]) }, [[new Uint8Array([3])]]] },
      0: [new Uint8Array([4]), null, 'text', {}, []],
      plain: { '{}': '{"0":' },
    })
    host.client.registerCustomApi('deep', ({ params }) => {
      assert.deepEqual(params, value())
      return params
    })
    const seen = await host.run(
      `const u = (n) => new Uint8Array([n])
       const value = { 'a.b': { '': [u(1), { __proto__x: u(2) }, [[u(3)]]] }, 0: [u(4), null, 'text', {}, []], plain: { '{}': '{"0":' } }
       ft.deep({ ...value, success(res) {
         ft.report({ text: JSON.stringify(res), all: [res['a.b'][''][0], res['a.b'][''][1].__proto__x, res['a.b'][''][2][0][0], res[0][0]].map((x) => x instanceof Uint8Array && x[0]) }) } })`,
      ['deep'],
    )
    assert.deepEqual(seen.all, [1, 2, 3, 4])
    assert.deepEqual(JSON.parse(seen.text).plain, { '{}': '{"0":' })
  }),
)

test(
  'f_h17_a_binary_alone_is_an_answer',
  hosted(async (host) => {
    host.client.registerCustomApi('load', () => Buffer.from('bytes'))
    const seen = await host.run(`${described}; ft.load({ success(res) { ft.report(describe(res.data)) } })`, ['load'])
    assert.deepEqual(seen, { kind: 'Uint8Array', bytes: [...Buffer.from('bytes')] })
  }),
)

test(
  'f_h17_part_of_a_buffer_is_sent_as_that_part',
  hosted(async (host) => {
    const all = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7])
    host.client.registerCustomApi('load', () => ({ part: all.subarray(2, 4), view: new DataView(all.buffer, 5, 2), node: Buffer.from(all.buffer, 1, 2) }))
    const seen = await host.run(
      `${described}; ft.load({ success(res) { ft.report({ all: [res.part, res.view, res.node].map(bytes) }) } })`,
      ['load'],
    )
    assert.deepEqual(seen.all, [[2, 3], [5, 6], [1, 2]])
  }),
)

test(
  'f_h17_progress_and_events_carry_binaries',
  hosted(async (host) => {
    host.client.registerCustomApi('load', ({ callback }) => {
      callback.onProgress({ chunk: new Uint8Array([1, 2]) })
      callback.onSuccess()
    })
    await host.open(
      `${described}
       ft.onCustomEvent((detail) => ft.report({ event: describe(detail.data[0]) }))
       ft.load({ progress: (state) => ft.report({ state: describe(state.chunk) }), success() {} })`,
      ['load'],
    )
    assert.deepEqual(await host.reported(), { state: { kind: 'Uint8Array', bytes: [1, 2] } })
    host.client.sendCustomEvent('demo', { data: [new Uint8Array([3])] })
    assert.deepEqual(await host.reported(), { event: { kind: 'Uint8Array', bytes: [3] } })
  }),
)

test(
  'f_h17_large_binaries_pass_whole_and_belong_to_their_receiver',
  hosted(async (host) => {
    const sent = new Uint8Array(1 << 20).map((_, index) => index * 7)
    /** @type {Uint8Array | undefined} */
    let came
    host.client.registerCustomApi('load', ({ callback }) => {
      callback.onSuccess({ sent })
      sent.fill(0)
    })
    host.client.registerCustomApi('save', ({ params }) => {
      came = /** @type {Uint8Array} */ (params.data)
      return {}
    })
    await host.run(
      `ft.load({ success({ sent }) { ft.save({ data: sent, success() { sent.fill(1); ft.report({}) } }) } })`,
      ['load', 'save'],
    )
    assert.ok(came?.every((byte, index) => byte === ((index * 7) & 255)))
  }),
)

test(
  'f_h17_binaries_over_their_limit_are_refused_before_they_are_copied',
  hosted(
    async (host) => {
      host.client.registerCustomApi('load', ({ params }) => ({ data: new Uint8Array(Number(params.size)) }))
      await host.open(
        `ft.onCustomEvent(({ size }) => ft.load({ size, success: (res) => ft.report({ length: res.data.length }), fail: ft.report }))`,
        ['load'],
      )
      host.client.sendCustomEvent('demo', { size: 1000 })
      assert.deepEqual(await host.reported(), { length: 1000 })
      host.client.sendCustomEvent('demo', { size: 1001 })
      assert.equal((await host.reported()).errCode, codes.E_HANDLER_RESULT.code)
      assert.throws(() => host.client.sendCustomEvent('demo', { data: new Uint8Array(1001) }), codes.E_TOO_LARGE)
    },
    { limits: { messageBinaryBytes: 1000 } },
  ),
)
