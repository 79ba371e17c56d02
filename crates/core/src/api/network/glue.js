// The network family as a mini-program calls it: tasks that can be given up and listened to, sockets, and the forms in
// which options may come. Where a connection may lead, and how it goes, is decided in Rust.

/**
 * @param {import('../../engine/prelude.js').Native} native
 * @param {import('../../engine/prelude.js').Tools} tools
 * @param {number} scope
 * @returns {{[name: string]: (slot: number) => Function}}
 */
export function glue(native, { careful, define, isList, language, typeName }, scope) {
  const { apply, parse, OwnError } = language

  /** Listeners of one event; more are refused. */
  const MOST_LISTENERS = 1000

  const silent = () => undefined

  /** @param {unknown} value */
  const isObject = (value) => typeof value === 'object' && value !== null

  /**
   * The functions among options, as they are now. A task is never a Promise, so it must not make one that nobody sees.
   * @param {any} given @param {Function} [progress]
   */
  const callbacks = (given, progress) => {
    const own = /** @type {any} */ ({
      __proto__: null, success: given.success, fail: given.fail, complete: given.complete, progress
    })
    if (own.success === undefined && own.fail === undefined && own.complete === undefined) own.complete = silent
    return own
  }

  /** Each listener is called, also when one before it throws. @param {Function[]} list @param {unknown} value */
  const callAll = (list, value) => {
    /** @type {{error: unknown} | undefined} */
    let first
    /** @type {Function[]} */
    const now = []
    for (let at = 0; at < list.length; at++) define(now, `${at}`, list[at])
    for (let at = 0; at < now.length; at++) {
      try {
        apply(now[at], undefined, [value])
      } catch (error) {
        first ??= { error }
      }
    }
    if (first !== undefined) throw first.error
  }

  /** @param {Function[]} list @param {string} name @param {unknown} listener */
  const add = (list, name, listener) => {
    if (typeof listener !== 'function') {
      return native.warn(`${name} should accept a function instead of ${typeof listener}`)
    }
    if (list.length >= MOST_LISTENERS) throw new OwnError(`${name}:fail limit reached`)
    return define(list, `${list.length}`, listener)
  }

  /** Takes one function off a list, or all. @param {Function[]} list @param {unknown} listener */
  const remove = (list, listener) => {
    let kept = 0
    if (listener !== undefined && listener !== null) {
      for (let at = 0; at < list.length; at++) {
        if (list[at] !== listener) define(list, `${kept++}`, list[at])
      }
    }
    list.length = kept
  }

  /**
   * Gives `task` its functions to listen with, and the function that tells them.
   * @param {object} task @param {string[]} names @param {boolean} withOff
   */
  const listening = (task, names, withOff) => {
    /** @type {{[event: string]: Function[]}} */
    const lists = /** @type {any} */ ({ __proto__: null })
    for (let at = 0; at < names.length; at++) {
      const name = names[at]
      /** @type {Function[]} */
      const list = lists[name] = []
      define(task, `on${name}`, (/** @type {unknown} */ listener) => add(list, `on${name}`, listener))
      if (withOff) define(task, `off${name}`, (/** @type {unknown} */ listener) => remove(list, listener))
    }
    return (/** @type {string} */ name, /** @type {unknown} */ detail) => {
      if (lists[name] !== undefined) callAll(lists[name], detail)
    }
  }

  /** Takes the name of an event off its detail. @param {any} detail @returns {string} */
  const nameOf = (detail) => {
    const name = detail.event
    delete detail.event
    return name
  }

  // What travels. Each gives text instead when something is wrong.

  /** @param {unknown} value @param {string} path @param {string} wanted */
  const wrong = (value, path, wanted) => `${path} should be ${wanted} instead of ${typeName(value)}`

  /** What all of them take. @param {any} given */
  const common = (given) => {
    const { url, header, timeout } = given
    if (typeof url !== 'string') return wrong(url, 'parameter.url', 'String')
    const params = /** @type {any} */ ({ __proto__: null, url })
    if (isObject(header) && !isList(header)) params.header = header
    if (typeof timeout === 'number' && timeout > 0) params.timeout = timeout
    return params
  }

  /** @param {any} given */
  const requested = (given) => {
    const params = common(given)
    if (typeof params === 'string') return params
    const { method, data, dataType, responseType, enableChunked, redirect } = given
    if (method !== undefined) params.method = `${method}`
    if (data !== undefined && data !== null) params.data = typeof data === 'object' ? data : `${data}`
    params.asText = dataType !== undefined && dataType !== 'json'
    params.asBinary = responseType === 'arraybuffer'
    params.chunked = enableChunked === true
    params.manual = redirect === 'manual'
    return params
  }

  /** @param {any} given */
  const downloaded = (given) => {
    const params = common(given)
    const { filePath } = given
    if (typeof params !== 'string' && filePath !== undefined) {
      if (typeof filePath !== 'string') return wrong(filePath, 'parameter.filePath', 'String')
      params.filePath = filePath
    }
    return params
  }

  /** @param {any} given */
  const uploaded = (given) => {
    const params = common(given)
    if (typeof params === 'string') return params
    const { filePath, name, formData } = given
    if (typeof filePath !== 'string') return wrong(filePath, 'parameter.filePath', 'String')
    if (typeof name !== 'string') return wrong(name, 'parameter.name', 'String')
    params.filePath = filePath
    params.name = name
    if (isObject(formData) && !isList(formData)) params.formData = formData
    return params
  }

  /** An answer beyond what a message may hold came as text. @param {any} result */
  const unpack = (result) => {
    if (result.parse !== true) return
    delete result.parse
    try {
      define(result, 'data', parse(result.data))
    } catch {
      // It stays the text that it is.
    }
  }

  /** @param {(given: any) => any} read @param {string[]} events @returns {(slot: number) => Function} */
  const task = (read, events) => (slot) => function (/** @type {any} */ options) {
    const made = {}
    const tell = listening(made, events, true)
    const given = isObject(options) ? options : { __proto__: null }
    const own = careful(() => callbacks(given, (/** @type {any} */ detail) => tell(nameOf(detail), detail)))
    const params = typeof own === 'string' ? own : careful(() => read(given))
    /** @type {(() => void) | undefined} */
    let abort
    if (typeof params === 'string') {
      native.refuse(slot, typeof own === 'string' ? callbacks({}) : own, `parameter error: ${params};`)
    } else {
      abort = native.invokeTask(slot, params, own, unpack)
    }
    define(made, 'abort', () => {
      if (abort !== undefined) abort()
    })
    return made
  }

  const SOCKET_EVENTS = ['Open', 'Message', 'Error', 'Close']
  // The sockets of a run are told apart by their numbers, whoever has them.
  let sockets = scope * 2 ** 25
  /** The socket that the functions of `wx` itself mean: the oldest that has not ended. @type {number[]} */
  const living = []
  const old = {}
  const tellOld = listening(old, SOCKET_EVENTS, false)
  /** @param {string} name */
  const slotOf = (name) => /** @type {number} */ (native.slotOf(scope, name))
  const slots = { __proto__: null, send: slotOf('sendSocketMessage'), close: slotOf('closeSocket') }

  /** @param {number} socket @param {any} given */
  const message = (socket, given) => {
    const { data } = given
    const params = /** @type {any} */ ({ __proto__: null, socket })
    if (typeof data !== 'string' && !isObject(data)) return wrong(data, 'parameter.data', 'String or ArrayBuffer')
    params.data = data
    return params
  }

  /** @param {number} socket @param {any} given */
  const farewell = (socket, given) => {
    const { code, reason } = given
    const params = /** @type {any} */ ({ __proto__: null, socket })
    if (typeof code === 'number') params.code = code
    if (typeof reason === 'string') params.reason = reason
    return params
  }

  /**
   * One call for a socket.
   * @param {number} slot @param {number} socket @param {any} options
   * @param {(socket: number, given: any) => any} read @param {boolean} promised
   */
  const tellSocket = (slot, socket, options, read, promised) => {
    const given = isObject(options) ? options : { __proto__: null }
    const own = promised ? given : careful(() => callbacks(given))
    const params = typeof own === 'string' ? own : careful(() => read(socket, given))
    return typeof params === 'string'
      ? native.refuse(slot, typeof own === 'string' ? callbacks({}) : own, `parameter error: ${params};`)
      : native.invokeWith(slot, params, own)
  }

  /** @param {any} options @param {number} slot */
  const connect = (options, slot) => {
    const socket = ++sockets
    const made = /** @type {any} */ ({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3, readyState: 0 })
    const tell = listening(made, SOCKET_EVENTS, false)
    define(living, `${living.length}`, socket)
    const ended = () => {
      made.readyState = 3
      let kept = 0
      for (let at = 0; at < living.length; at++) {
        if (living[at] !== socket) define(living, `${kept++}`, living[at])
      }
      living.length = kept
    }
    const happened = (/** @type {any} */ detail) => {
      const name = nameOf(detail)
      const isOld = living[0] === socket
      if (name === 'Open') made.readyState = 1
      if (name === 'Close') ended()
      try {
        tell(name, detail)
      } finally {
        if (isOld) tellOld(name, detail)
      }
    }
    define(made, 'send', (/** @type {any} */ given) => {
      tellSocket(slots.send, socket, given, message, false)
    })
    define(made, 'close', (/** @type {any} */ given) => {
      if (made.readyState < 2) made.readyState = 2
      tellSocket(slots.close, socket, given, farewell, false)
    })
    const given = /** @type {any} */ (isObject(options) ? options : { __proto__: null })
    const own = careful(() => callbacks(given))
    const params = typeof own === 'string' ? own : careful(() => {
      const read = common(given)
      const { protocols } = given
      if (typeof read !== 'string') {
        read.socket = socket
        if (isObject(protocols) && isList(protocols)) read.protocols = protocols
      }
      return read
    })
    if (typeof params === 'string') {
      ended()
      native.refuse(slot, typeof own === 'string' ? callbacks({}) : own, `parameter error: ${params};`)
      return made
    }
    const listen = { __proto__: null, socket, listen: true }
    native.invokeWith(slot, listen, { __proto__: null, progress: happened, complete: ended })
    native.invokeWith(slot, params, own)
    return made
  }

  /** @param {string} name */
  const oldListener = (name) => () => /** @type {any} */ (old)[name]

  return /** @type {any} */ ({
    __proto__: null,
    request: task(requested, ['HeadersReceived', 'ChunkReceived']),
    downloadFile: task(downloaded, ['HeadersReceived', 'ProgressUpdate']),
    uploadFile: task(uploaded, ['HeadersReceived', 'ProgressUpdate']),
    connectSocket: (/** @type {number} */ slot) => (/** @type {unknown} */ options) => connect(options, slot),
    sendSocketMessage: (/** @type {number} */ slot) => (/** @type {unknown} */ options) =>
      tellSocket(slot, living[0] ?? 0, options, message, true),
    closeSocket: (/** @type {number} */ slot) => (/** @type {unknown} */ options) =>
      tellSocket(slot, living[0] ?? 0, options, farewell, true),
    onSocketOpen: oldListener('onOpen'),
    onSocketMessage: oldListener('onMessage'),
    onSocketError: oldListener('onError'),
    onSocketClose: oldListener('onClose'),
  })
}
