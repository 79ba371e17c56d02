// Stands in for @kit.ArkTS: Node's decoder under the names of HarmonyOS.

class Decoder {
  /** @type {InstanceType<typeof import('node:util').TextDecoder>} */
  #decoder

  /** @param {string} encoding */
  constructor(encoding) {
    this.#decoder = new TextDecoder(encoding)
  }

  /** @param {string} encoding */
  static create(encoding) {
    return new Decoder(encoding)
  }

  /** @param {Uint8Array} bytes */
  decodeToString(bytes) {
    return this.#decoder.decode(bytes)
  }
}

module.exports = { util: { TextDecoder: Decoder } }
