import { KEY_WORDS, type Key, keyFromWords } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { hashText, mix32 } from './rng.ts'

/**
 * The places of all nodes in the identifier space: random, five words each in one array, made when the first one is asked
 * for, since a flooding overlay never does.
 */
export class KeyTable {
  readonly #nodes: number
  readonly #seed: number
  #words: Int32Array | undefined

  constructor(nodes: number, seed: number) {
    this.#nodes = nodes
    this.#seed = seed
  }

  /** The key of a node, a view into the table. What is no node has a key of its own as well: nobody knows that it is none. */
  of(peer: Peer): Key {
    const node = peer as number
    if (!(node >= 0 && node < this.#nodes)) return keyFromWords(makeKey(hashText(String(peer)), this.#seed))
    this.#words ??= this.#makeAll()
    return keyFromWords(this.#words.subarray(node * KEY_WORDS, (node + 1) * KEY_WORDS))
  }

  #makeAll(): Int32Array {
    const words = new Int32Array(this.#nodes * KEY_WORDS)
    for (let node = 0; node < this.#nodes; node++) words.set(makeKey(node, this.#seed), node * KEY_WORDS)
    return words
  }
}

function makeKey(node: number, seed: number): Int32Array {
  const words = new Int32Array(KEY_WORDS)
  let state = mix32(node ^ mix32(seed ^ 0x6b657973))
  for (let i = 0; i < KEY_WORDS; i++) {
    state = (state + 0x9e3779b9) | 0
    words[i] = mix32(state)
  }
  return words
}
