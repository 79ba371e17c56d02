// The file family as a mini-program calls it: the object that has it, the arguments of the `Sync` forms in their places,
// and results that are more than JSON. What may be read and written is decided in Rust.

/**
 * @param {import('../../engine/prelude.js').Native} native
 * @param {import('../../engine/prelude.js').Tools} tools
 * @param {number} scope
 * @returns {{[name: string]: (slot: number) => Function}}
 */
export function glue(native, { asynchronous, define, hide, isList, language, synchronous, typeName }, scope) {
  const { apply, keys, setPrototypeOf, isView, byteLength, Bytes: OwnBytes, setBytes } = language

  /** How many bytes a buffer has; nothing for what is none. @param {unknown} buffer */
  const sizeOf = (buffer) => {
    try {
      return apply(byteLength, buffer, [])
    } catch {
      return undefined
    }
  }

  // Arguments. Each reader puts one of them on `to` under the name by which it travels, or gives what is wrong.

  /**
   * @typedef {(to: object, value: any, member: string) => string | undefined} Reader
   */

  /** @param {string} wanted @param {unknown} value @param {string} member */
  const wrong = (wanted, value, member) => `parameter.${member} should be ${wanted} instead of ${typeName(value)}`

  /** @param {string} type @param {string} wanted @param {string} name @param {boolean} needed @returns {Reader} */
  const typed = (type, wanted, name, needed) => (to, value, member) => {
    if (value === undefined || value === null) return needed ? wrong(wanted, value, member) : undefined
    if (typeof value !== type) return wrong(wanted, value, member)
    define(to, name, value)
    return undefined
  }

  /** @param {string} name */
  const text = (name) => typed('string', 'String', name, true)
  /** @param {string} name */
  const perhapsText = (name) => typed('string', 'String', name, false)
  /** @param {string} name */
  const perhapsNumber = (name) => typed('number', 'Number', name, false)

  /** @type {Reader} */
  const recursive = (to, value) => {
    define(to, 'recursive', value === true)
    return undefined
  }

  /** A text or bytes. @type {Reader} */
  const data = (to, value, member) => {
    if (typeof value !== 'string' && sizeOf(value) === undefined && !isView(value)) {
      return wrong('String or ArrayBuffer', value, member)
    }
    define(to, 'data', value)
    return undefined
  }

  /** Only its size travels. @type {Reader} */
  const room = (to, value) => {
    const size = sizeOf(value)
    if (size !== undefined) define(to, 'room', size)
    return undefined
  }

  /** @type {Reader} */
  const entries = (to, value, member) => {
    if (value === 'all') return undefined
    if (typeof value !== 'object' || value === null || !isList(value)) return wrong('Array', value, member)
    /** @type {unknown[]} */
    const list = []
    for (let at = 0; at < value.length; at++) {
      const item = value[at]
      const read = { __proto__: null }
      if (typeof item !== 'object' || item === null) return wrong('Object', item, `${member}[${at}]`)
      const said = text('path')(read, item.path, `${member}[${at}].path`)
        || perhapsText('encoding')(read, item.encoding, `${member}[${at}].encoding`)
        || perhapsNumber('position')(read, item.position, `${member}[${at}].position`)
        || perhapsNumber('length')(read, item.length, `${member}[${at}].length`)
      if (said) return said
      define(list, `${at}`, read)
    }
    define(to, 'entries', list)
    return undefined
  }

  /** The members of each API, in the order of the arguments of its `Sync` form. @typedef {Array<[string, Reader]>} Members */

  /** @param {Members} members @param {(member: string, at: number) => unknown} get */
  const collect = (members, get) => {
    const to = { __proto__: null }
    for (let at = 0; at < members.length; at++) {
      const member = members[at][0]
      const said = members[at][1](to, get(member, at), member)
      if (said !== undefined) return said
    }
    return to
  }

  // Bytes of which only a part is to be written are cut here, so that the rest does not travel.

  const { dataView, typedArray } = language
  const viewed = (() => {
    /** @param {'buffer' | 'offset' | 'length'} part @returns {(view: unknown) => any} */
    const reading = (part) => (view) => {
      try {
        return apply(dataView[part], view, [])
      } catch {
        return apply(typedArray[part], view, [])
      }
    }
    return { __proto__: null, buffer: reading('buffer'), offset: reading('offset'), length: reading('length') }
  })()

  /** @param {any} params @param {any} given */
  const cutToPart = (params, given) => {
    if (typeof params === 'string' || typeof params.data === 'string') return params
    const bytes = params.data
    const view = isView(bytes)
    const size = view ? viewed.length(bytes) : sizeOf(bytes)
    const offset = given.offset ?? 0
    const length = given.length ?? size - offset
    if (offset >= 0 && length >= 0 && offset + length <= size) {
      const buffer = view ? viewed.buffer(bytes) : bytes
      define(params, 'data', new OwnBytes(buffer, (view ? viewed.offset(bytes) : 0) + offset, length))
      return params
    }
    // Refused in Rust, which has the texts.
    const said = perhapsNumber('offset')(params, offset, 'offset') || perhapsNumber('length')(params, length, 'length')
    return said ?? params
  }

  // Results.

  const statsPrototype = {}
  const kindOf = (/** @type {any} */ stats) => stats.mode & 0o170000
  hide(statsPrototype, 'isDirectory', /** @this {any} */ function isDirectory() {
    return kindOf(this) === 0o040000
  })
  hide(statsPrototype, 'isFile', /** @this {any} */ function isFile() {
    return kindOf(this) === 0o100000
  })

  /** @param {any} result */
  const giveStats = (result) => {
    const stats = result.stats
    if (!isList(stats)) setPrototypeOf(stats, statsPrototype)
    else for (let at = 0; at < stats.length; at++) setPrototypeOf(stats[at].stats, statsPrototype)
    return stats
  }

  /**
   * The buffer that a call reads into, which does not travel.
   * @typedef {{ __proto__: null, arrayBuffer?: any, offset?: any }} Held
   */

  /** Puts what was read into the buffer that it was read for. @param {any} result @param {Held} held */
  const fill = (result, held) => {
    const bytes = new OwnBytes(result.data)
    const size = viewed.length(bytes)
    delete result.data
    define(result, 'arrayBuffer', held.arrayBuffer)
    try {
      apply(setBytes, new OwnBytes(held.arrayBuffer), [bytes, held.offset ?? 0])
      define(result, 'bytesRead', size)
    } catch {
      // Given away meanwhile: what it held is gone with it.
      define(result, 'bytesRead', 0)
    }
    return result
  }

  /** @param {any} result */
  const withoutMessage = (result) => {
    delete result.errMsg
    return result
  }

  /** @type {Members} */
  const path = [['path', text('path')]]
  /** @type {Members} */
  const filePath = [['filePath', text('path')]]
  /** @type {Members[number]} */
  const fd = ['fd', text('fd')]
  /** @type {Members} */
  const folder = [['dirPath', text('path')], ['recursive', recursive]]
  /** @type {Members} */
  const written = [['filePath', text('path')], ['data', data], ['encoding', perhapsText('encoding')]]
  /** @type {Members[number]} */
  const position = ['position', perhapsNumber('position')]
  /** @type {Members[number]} */
  const length = ['length', perhapsNumber('length')]
  /** @type {Members} */
  const saved = [['tempFilePath', text('path')], ['filePath', perhapsText('to')]]
  /** @type {Members} */
  const info = [['filePath', text('path')], ['digestAlgorithm', perhapsText('digest')]]
  /** @type {Members} */
  const read = [fd, ['arrayBuffer', room], ['offset', perhapsNumber('offset')], position, length]
  /** @type {Members} */
  const write = [fd, ['data', data], ['encoding', perhapsText('encoding')], position]

  /** @type {Record<string, Members>} */
  const members = /** @type {any} */ ({
    __proto__: null,
    access: path,
    appendFile: written,
    close: [fd],
    copyFile: [['srcPath', text('path')], ['destPath', text('to')]],
    fstat: [fd],
    ftruncate: [fd, length],
    getFileInfo: info,
    getSavedFileInfo: filePath,
    getSavedFileList: [],
    mkdir: folder,
    open: [['filePath', text('path')], ['flag', perhapsText('flag')]],
    readFile: [['filePath', text('path')], ['encoding', perhapsText('encoding')], position, length],
    readZipEntry: [['filePath', text('path')], ['encoding', perhapsText('encoding')], ['entries', entries]],
    readdir: [['dirPath', text('path')]],
    removeSavedFile: filePath,
    rename: [['oldPath', text('path')], ['newPath', text('to')]],
    rmdir: folder,
    saveFile: saved,
    stat: [['path', text('path')], ['recursive', recursive]],
    truncate: [['filePath', text('path')], length],
    unlink: filePath,
    unzip: [['zipFilePath', text('path')], ['targetPath', text('to')]],
    writeFile: written,
  })

  /** What a `Sync` form gives, where that is something. @type {Record<string, (result: any) => unknown>} */
  const gives = /** @type {any} */ ({
    __proto__: null,
    fstat: giveStats,
    open: (/** @type {any} */ result) => result.fd,
    readFile: (/** @type {any} */ result) => result.data,
    readdir: (/** @type {any} */ result) => result.files,
    saveFile: (/** @type {any} */ result) => result.savedFilePath,
    stat: giveStats,
  })
  /** The `Sync` forms that take one object. @type {Record<string, true>} */
  const takesObject = /** @type {any} */ ({
    __proto__: null, close: true, fstat: true, ftruncate: true, open: true, truncate: true,
  })

  const manager = {}
  const silent = () => undefined
  const made = /** @type {any} */ ({
    __proto__: null,
    getFileSystemManager: () => function getFileSystemManager() {
      return manager
    },
  })

  /** @param {string} name @param {(slot: number) => Function} make */
  const method = (name, make) => {
    hide(manager, name, make(/** @type {number} */ (native.slotOf(scope, `FileSystemManager.${name}`))))
  }

  const names = keys(members)
  for (let at = 0; at < names.length; at++) {
    const name = names[at]
    const list = members[name]
    const unpack = name === 'stat' || name === 'fstat' ? giveStats : undefined
    const ask = asynchronous((given) => collect(list, (member) => given[member]), unpack)
    made[name] = ask
    method(name, ask)
    const give = gives[name] ?? silent
    method(`${name}Sync`, takesObject[name]
      ? synchronous((given) => collect(list, (member) => given?.[member]), give)
      : synchronous((...given) => collect(list, (_, at) => at < given.length ? given[at] : undefined), give))
  }
  /** @param {any} given @param {any} held */
  const collectRead = (given, held) => collect(read, (member) => {
    const value = given?.[member]
    if (member === 'arrayBuffer' || member === 'offset') held[member] = value
    return value
  })
  method('read', (slot) => function (/** @type {unknown} */ options) {
    /** @type {Held} */
    const held = { __proto__: null }
    return asynchronous((given) => collectRead(given, held), (/** @type {any} */ result) => fill(result, held))(slot)(options)
  })
  method('readSync', (slot) => function (/** @type {unknown} */ options) {
    /** @type {Held} */
    const held = { __proto__: null }
    const give = (/** @type {any} */ result) => withoutMessage(fill(result, held))
    return synchronous((given) => collectRead(given, held), give)(slot)(options)
  })
  const collectWrite = (/** @type {any} */ given) => cutToPart(collect(write, (member) => given?.[member]), given)
  method('write', asynchronous(collectWrite))
  method('writeSync', synchronous(collectWrite, withoutMessage))
  return made
}
