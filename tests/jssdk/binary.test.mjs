// Bytes from and to a page: beside the text where the app hands over a port, and as base64 where it does not. In
// Chromium.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreed, inPage } from './web_page.mjs'

const FEATURES = ['binary', 'reply']

/** One message with bytes, as docs/h5-wire.md has it. @param {object} head @param {Buffer[]} parts */
const pack = (head, parts = []) => {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(text.length)
  return Buffer.concat([length, text, ...parts])
}

/** @param {Buffer} frame */
const unpack = (frame) => {
  const start = 4 + frame.readUInt32BE(0)
  const head = JSON.parse(frame.toString('utf8', 4, start))
  let at = start
  const parts = head.binaries.map(({ length = 0 }) => [...frame.subarray(at, (at += length))])
  assert.equal(at, frame.length)
  return { head, parts }
}

/** @param {import('./web_page.mjs').WebPage} page @param {import('./fake_host.mjs').FakeHost} host */
const withPort = async (page, host) => {
  await agreed(host)
  await page.evaluate(
    `window.heard = 0; addEventListener('message', () => { heard += 1 }); handPort('finapp.port.${host.token}')`,
  )
  // The message is a task of its own; what is posted after it comes after it.
  await page.evaluate(`laterTask()`)
}

/** @param {import('./web_page.mjs').WebPage} page @param {Buffer} frame */
const send = (page, frame) =>
  page.evaluate(`throughPort('${frame.toString('base64')}')
  laterTask()`)

test(
  'f_h17_a_page_sends_and_gets_bytes_beside_the_text',
  inPage(
    async (page, host) => {
      await withPort(page, host)
      assert.equal(await page.evaluate('heard'), 0)
      await page.call(() => {
        const buffer = Uint8Array.from([0, 1, 2, 3, 255, 254]).buffer
        globalThis.answer = ft.callNativeAPI('up', {
          name: 'é"',
          whole: buffer,
          deep: [null, { part: new Uint8Array(buffer, 4, 2) }],
          view: new DataView(buffer, 1, 2),
          wide: Float64Array.of(1.5),
          empty: new ArrayBuffer(0),
        })
      })
      const { head, parts } = unpack(await host.until(() => page.frames[0], 'the message with bytes'))
      assert.deepEqual(head, {
        type: 'call',
        name: 'up',
        id: /** @type {any} */ (host.wire.at(-1)).id + 1,
        data: { name: 'é"', whole: null, deep: [null, { part: null }], view: null, wide: null, empty: null },
        binaries: [
          { path: ['whole'], kind: 'ArrayBuffer', length: 6 },
          { path: ['deep', 1, 'part'], kind: 'Uint8Array', length: 2 },
          { path: ['view'], kind: 'DataView', length: 2 },
          { path: ['wide'], kind: 'Float64Array', length: 8 },
          { path: ['empty'], kind: 'ArrayBuffer', length: 0 },
        ],
      })
      assert.deepEqual(parts.slice(0, 3), [
        [0, 1, 2, 3, 255, 254],
        [255, 254],
        [1, 2],
      ])
      const binaries = [
        { path: ['a'], kind: 'ArrayBuffer', length: 3 },
        { path: ['b', 0], kind: 'Uint16Array', length: 4 },
      ]
      await send(
        page,
        pack(
          {
            type: 'answer',
            id: head.id,
            result: { a: null, b: [null], errMsg: 'up:ok' },
            stamp: host.stamp(),
            binaries,
          },
          [Buffer.from([9, 8, 7]), Buffer.from([1, 0, 2, 0])],
        ),
      )
      assert.equal(
        await page.evaluate(
          `answer.then(({ a, b, errMsg }) => [a.constructor.name, [...new Uint8Array(a)], b[0].constructor.name, [...b[0]], errMsg].join())`,
        ),
        'ArrayBuffer,9,8,7,Uint16Array,1,2,up:ok',
      )
    },
    { features: FEATURES },
  ),
)

test(
  'f_h17_events_and_values_of_handlers_have_bytes',
  inPage(
    async (page, host) => {
      await withPort(page, host)
      await page.call(() => {
        ft.onNativeAPIHandler('twice', ({ bytes }) => new Uint8Array(bytes).map((byte) => byte * 2))
      })
      const binaries = [{ path: ['bytes'], kind: 'ArrayBuffer', length: 2 }]
      await send(
        page,
        pack({ type: 'event', name: 'twice', data: { bytes: null }, stamp: host.stamp({ call: 'c' }), binaries }, [
          Buffer.from([3, 4]),
        ]),
      )
      const { head, parts } = unpack(await host.until(() => page.frames[0], 'the reply'))
      assert.deepEqual(
        [head.name, head.data, head.binaries, parts],
        [
          'finapp.reply',
          { call: 'c', ok: true, data: null },
          [{ path: ['data'], kind: 'Uint8Array', length: 2 }],
          [[6, 8]],
        ],
      )
    },
    { features: FEATURES },
  ),
)

test(
  'f_h17_a_value_may_be_bytes_and_nothing_else',
  inPage(
    async (page, host) => {
      await withPort(page, host)
      await page.call(() => {
        globalThis.seen = []
        ft.onNativeAPIHandler('a', (data) => seen.push([data.constructor.name, ...new Uint8Array(data)]))
      })
      const head = { type: 'event', name: 'a', data: null, stamp: host.stamp() }
      const binaries = [{ path: [], kind: 'ArrayBuffer', length: 2 }]
      await send(page, pack({ ...head, binaries }, [Buffer.from([5, 6])]))
      assert.deepEqual(await page.call(() => seen), [['ArrayBuffer', 5, 6]])
    },
    { features: FEATURES },
  ),
)

test(
  'h_b10_malformed_messages_with_bytes_are_counted_and_dropped',
  inPage(
    async (page, host) => {
      await withPort(page, host)
      const stamp = { token: host.token, seq: 1 }
      const event = (/** @type {any} */ binaries) =>
        pack({ type: 'event', name: 'a', data: { x: null, y: 1 }, stamp, binaries }, [Buffer.from([1])])
      await page.call(() => {
        globalThis.seen = 0
        ft.onNativeAPIHandler('a', () => {
          seen += 1
        })
      })
      const bad = [
        Buffer.alloc(0),
        Buffer.from([0, 0, 0, 9, 123]),
        Buffer.from([255, 255, 255, 255, 1]),
        Buffer.from([0, 0, 0, 2, 0xc3, 0x28]),
        pack({}),
        pack({ type: 'other', binaries: [] }),
        event([{ path: ['x'], kind: 'ArrayBuffer', length: 2 }]),
        event([{ path: ['x'], kind: 'ArrayBuffer', length: -1 }]),
        event([{ path: ['x'], kind: 'Function', length: 1 }]),
        event([{ path: ['x'], kind: 'constructor', length: 1 }]),
        event([{ path: ['y'], kind: 'ArrayBuffer', length: 1 }]),
        event([{ path: ['__proto__'], kind: 'ArrayBuffer', length: 1 }]),
        event([{ path: ['x', 'x'], kind: 'ArrayBuffer', length: 1 }]),
        event([{ path: 5, kind: 'ArrayBuffer', length: 1 }]),
        event(7),
      ]
      for (const frame of bad) await send(page, frame)
      assert.equal((await page.call(() => ft.counters())).malformed, bad.length)
      assert.equal(await page.evaluate('seen'), 0)
    },
    { features: FEATURES },
  ),
)

test(
  'h_b6_only_the_one_port_with_the_token_is_taken',
  inPage(
    async (page, host) => {
      await agreed(host)
      await page.evaluate(`handPort('finapp.port.guess')`)
      await withPort(page, host)
      await page.evaluate(`handPort('finapp.port.${host.token}')`)
      await send(page, pack({ type: 'event', name: 'a', data: {}, stamp: host.stamp(), binaries: [] }))
      await page.call(() => {
        ft.callNativeAPI('up', { bytes: new Uint8Array(1) }, () => undefined)
      })
      assert.equal((await page.call(() => ft.counters())).refused, 1)
    },
    { features: FEATURES },
  ),
)

test(
  'f_h17_without_a_port_members_of_the_root_go_as_base64',
  inPage(
    async (page, host) => {
      await page.call(() => ft.request({ url: 'https://a.example', data: Uint8Array.of(104, 105).buffer }))
      assert.deepEqual(host.calls, [
        [
          'webInvokeHandler',
          'request',
          '{"url":"https://a.example","data":null,"__nativeBuffers__":[{"key":"data","base64":"aGk="}]}',
        ],
      ])
      assert.deepEqual(
        await page.call(() => ft.callNativeAPI('up', { deep: { bytes: new Uint8Array(1) } }).catch((res) => res)),
        { errMsg: 'up:fail this app takes binary data only as members of the parameters', errCode: 20009 },
      )
      assert.equal(host.calls.length, 1)
      const got = await page.call(() =>
        ft.callNativeAPI('down', {}).then(({ data, ...rest }) => [[...new Uint8Array(data)], rest]),
      )
      assert.deepEqual(got, [[104, 105], { errMsg: 'down:ok' }])
    },
    {
      apis: {
        request: () => ({ errMsg: 'request:ok' }),
        down: () => ({
          errMsg: 'down:ok',
          __nativeBuffers__: [{ key: 'data', base64: 'aGk=' }, { key: 'bad', base64: '!' }, null, {}],
        }),
      },
    },
  ),
)

test(
  'f_h17_bytes_are_copied_when_the_call_is_made',
  inPage(
    async (page, host) => {
      await page.call(() => {
        const bytes = Uint8Array.of(1)
        ft.callNativeAPI('up', { bytes, whole: bytes.buffer }, () => undefined)
        bytes[0] = 2
        bringNative()
      })
      assert.deepEqual(
        (await host.message('up')).params.__nativeBuffers__,
        ['bytes', 'whole'].map((key) => ({ key, base64: 'AQ==' })),
      )
    },
    { late: true },
  ),
)
