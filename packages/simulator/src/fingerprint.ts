import { hashText } from './rng.ts'

/**
 * A hash of everything that happened, in order: the same seed gives the same one in Node and in a browser, with and
 * without `wire`, and a refactoring must not move it. Sixty-four bits in two words, four multiplications an event; not a
 * cryptographic hash, for nobody gains by forging one.
 */
export class Fingerprint {
  readonly #state = new Int32Array([0x243f6a88, 0x85a308d3])
  /** What the words that name events hash to; as many as the protocol has types. */
  readonly #typeHashes = new Map<string, number>()
  #lastType = ''
  #lastTypeHash = 0

  /**
   * Adds an event.
   *
   * @param time - virtual milliseconds
   * @param node - whose event it is
   * @param from - the peer it came from, or -1
   * @param type - the hash of its type, see {@link hashOf}
   */
  add(time: number, node: number, from: number, type: number): void {
    const state = this.#state
    let low = state[0] as number
    let high = state[1] as number
    low = Math.imul(low ^ time, 0x9e3779b1)
    high = Math.imul(high ^ node ^ (low >>> 15), 0x85ebca77)
    low = Math.imul(low ^ from ^ (high >>> 13), 0xc2b2ae3d)
    high = Math.imul(high ^ type ^ (low >>> 16), 0x27d4eb2f)
    state[0] = low ^ (high >>> 14)
    state[1] = high
  }

  /** The hash of a message's type, by the word and not by when it was first seen. */
  hashOf(type: string): number {
    if (type === this.#lastType) return this.#lastTypeHash
    let hash = this.#typeHashes.get(type)
    if (hash === undefined) {
      hash = hashText(type)
      this.#typeHashes.set(type, hash)
    }
    this.#lastType = type
    this.#lastTypeHash = hash
    return hash
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    const hex = (word: number | undefined) => ((word ?? 0) >>> 0).toString(16).padStart(8, '0')
    return hex(this.#state[1]) + hex(this.#state[0])
  }
}
