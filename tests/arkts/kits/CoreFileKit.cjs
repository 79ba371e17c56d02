// Stands in for @kit.CoreFileKit: the few calls by which the suites write packages and pictures are copied, over Node's
// file system.

const fs = require('node:fs')

/** @typedef {{ fd: number }} File */

const OpenMode = { READ_ONLY: 0, READ_WRITE: 2, CREATE: 64, TRUNC: 512 }

const fileIo = {
  OpenMode,

  /**
   * @param {string} path
   * @param {boolean} [recursion]
   */
  mkdirSync(path, recursion = false) {
    fs.mkdirSync(path, { recursive: recursion })
  },

  /** @param {string} prefix ends in XXXXXX on a device */
  mkdtempSync(prefix) {
    return fs.mkdtempSync(prefix.replace(/X{6}$/, ''))
  },

  /**
   * @param {string} path
   * @param {number} mode
   * @returns {File}
   */
  openSync(path, mode = 0) {
    return { fd: fs.openSync(path.replace(/^file:\/\//, ''), mode) }
  },

  /**
   * @param {number} fd
   * @param {string} text
   */
  writeSync(fd, text) {
    return fs.writeSync(fd, text)
  },

  /**
   * @param {number} from
   * @param {number} to
   */
  async copyFile(from, to) {
    fs.writeSync(to, fs.readFileSync(from))
  },

  /** @param {string} path */
  listFileSync(path) {
    return fs.readdirSync(path)
  },

  /** @param {string} path */
  readTextSync(path) {
    return fs.readFileSync(path, 'utf8')
  },

  /** @param {File} file */
  closeSync(file) {
    fs.closeSync(file.fd)
  },

  /** Removes what is in the folder as well, as on a device. @param {string} path */
  rmdirSync(path) {
    fs.rmSync(path, { recursive: true })
  },
}

const fileUri = {
  /** @param {string} path */
  getUriFromPath: (path) => `file://${path}`,
}

module.exports = { fileIo, fileUri }
