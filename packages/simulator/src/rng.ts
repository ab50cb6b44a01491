import type { Random } from '@servent/machine'

/**
 * One stream of randomness for each node: xoroshiro64** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number
 * Generators", 2018), eight bytes of state a stream, all in one typed array. An object for each of a million nodes would
 * cost ten times that.
 */
export class RandomStreams {
  readonly #state: Int32Array

  /** @param state - two words a stream, not both zero */
  constructor(state: Int32Array) {
    this.#state = state
  }

  /**
   * @param count - how many streams
   * @param seed - a safe integer; the same one gives the same streams
   */
  static seeded(count: number, seed: number): RandomStreams {
    const state = new Int32Array(2 * count)
    const word = seedWord(seed)
    for (let stream = 0; stream < count; stream++) {
      state[2 * stream] = mix32(word ^ mix32(stream))
      // Odd, for the one state that never leaves itself is all zeroes.
      state[2 * stream + 1] = mix32(word + Math.imul(stream, 0x9e3779b9)) | 1
    }
    return new RandomStreams(state)
  }

  get bytes(): number {
    return this.#state.byteLength
  }

  /** The next number of a stream, in [0, 1), with 32 bits. */
  next(stream: number): number {
    const state = this.#state
    const at = 2 * stream
    const s0 = state[at] as number
    const s1 = (state[at + 1] as number) ^ s0
    state[at] = ((s0 << 26) | (s0 >>> 6)) ^ s1 ^ (s1 << 9)
    state[at + 1] = (s1 << 13) | (s1 >>> 19)
    const product = Math.imul(s0, 0x9e3779bb)
    return (Math.imul((product << 5) | (product >>> 27), 5) >>> 0) / 2 ** 32
  }
}

/**
 * A stream of its own for one purpose, so that drawing more for one thing (loss, say) does not move another (the files
 * that nodes share).
 *
 * @param purpose - its name; another name is another stream
 */
export function randomFor(seed: number, purpose: string): Random {
  const streams = RandomStreams.seeded(1, seedWord(seed) ^ hashText(purpose))
  return () => streams.next(0)
}

/** A number from an exponential distribution. */
export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random())
}

/** Spreads the bits of a word over the whole word (the finalizer of MurmurHash3). */
export function mix32(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** 32 bits of a text (FNV-1a, mixed): a number that stands for a word. */
export function hashText(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix32(h)
}

/** All 53 bits of a seed in one word. */
function seedWord(seed: number): number {
  return mix32((seed | 0) ^ mix32(Math.floor(seed / 2 ** 32) | 0)) ^ 0x5eed
}
