import { KEY_WORDS, type Key, keyFromWords } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { hashText, mix32 } from './rng.ts'

/** Views that are kept: a message that names a peer is looked at by every node on its way, each asking for the same key. */
const VIEWS = 4096

/**
 * The places of all nodes in the identifier space: random, five words each in one array, made when the first one is asked
 * for, since a flood may never do.
 */
export class KeyTable {
  readonly #nodes: number
  readonly #seed: number
  #words: Int32Array | undefined
  /** Views into the table, each where its node's number modulo {@link VIEWS} is; making one costs as much as a message. */
  readonly #views: (Key | undefined)[] = new Array<Key | undefined>(VIEWS).fill(undefined)
  readonly #viewed = new Int32Array(VIEWS).fill(-1)

  constructor(nodes: number, seed: number) {
    this.#nodes = nodes
    this.#seed = seed
  }

  get bytes(): number {
    return this.#words?.byteLength ?? 0
  }

  /** The key of a node, a view into the table. What is no node has a key of its own as well: nobody knows that it is none. */
  of(peer: Peer): Key {
    const node = peer as number
    if (!(Number.isInteger(node) && node >= 0 && node < this.#nodes)) {
      return keyFromWords(makeKey(hashText(String(peer)), this.#seed))
    }
    const place = node & (VIEWS - 1)
    const view = this.#views[place]
    if (view !== undefined && this.#viewed[place] === node) return view
    this.#words ??= this.#makeAll()
    const key = keyFromWords(this.#words.subarray(node * KEY_WORDS, (node + 1) * KEY_WORDS))
    this.#views[place] = key
    this.#viewed[place] = node
    return key
  }

  #makeAll(): Int32Array {
    const words = new Int32Array(this.#nodes * KEY_WORDS)
    for (let node = 0; node < this.#nodes; node++) words.set(makeKey(node, this.#seed), node * KEY_WORDS)
    return words
  }
}

/** Different for different numbers: each step from the number to the first word can be undone. */
function makeKey(number: number, seed: number): Int32Array {
  const words = new Int32Array(KEY_WORDS)
  let state = mix32(number ^ mix32(seed ^ 0x6b657973))
  for (let i = 0; i < KEY_WORDS; i++) {
    state = (state + 0x9e3779b9) | 0
    words[i] = mix32(state)
  }
  return words
}
