import { compareRingDistance, digitAt, type Key, keyFromWords, sharedDigits } from '@servent/keyspace'
import type { Peer, Random } from '@servent/machine'
import { COLUMNS, DIGIT_BITS, ID_WORDS, ROWS } from './identifier.ts'
import type { ReadyTables } from './tables.ts'

/** Chooses, of the nodes at places from `start` up to `end`, exclusive, all of which fit an entry, one place. */
export type ChooseEntry = (self: Peer, start: number, end: number) => number

/** Nodes whose identifiers begin with the same digits: places from `start` to `end`, and where each next digit begins. */
interface Group {
  readonly start: number
  readonly end: number
  /** One more than there are digits: the last is `end`. */
  readonly bounds: Int32Array
}

/** Words of a whole key: what is sorted by has fewer. */
const KEY_WORDS = 5

/**
 * The tables that all nodes would have if each knew all others: made from the sorted identifiers, for simulations too large
 * to be grown by joins, and what grown tables are held against.
 */
export class IdealTables {
  /** All nodes in the order of their identifiers. */
  readonly sorted: readonly Peer[]
  /** Their keys, in that order, five words each. */
  readonly #words: Int32Array
  readonly #half: number
  readonly #random: Random
  /** The group that was looked at last in each row: nodes are asked for in order. */
  readonly #groups: Group[] = []
  /** How an entry is chosen: at random, unless set. */
  choose: ChooseEntry

  constructor(
    peers: readonly Peer[],
    keyOf: (peer: Peer) => Key,
    { leafSetSize, random }: { readonly leafSetSize: number; readonly random: Random }
  ) {
    const words = new Int32Array(peers.length * KEY_WORDS)
    for (let i = 0; i < peers.length; i++) words.set(keyOf(peers[i] as Peer), i * KEY_WORDS)
    const order = sortedOrder(words)
    this.sorted = Array.from(order, (i) => peers[i] as Peer)
    this.#words = new Int32Array(words.length)
    for (let place = 0; place < order.length; place++) {
      const from = (order[place] as number) * KEY_WORDS
      this.#words.set(words.subarray(from, from + KEY_WORDS), place * KEY_WORDS)
    }
    this.#half = leafSetSize >> 1
    this.#random = random
    this.choose = (_self, start, end) => start + Math.floor(this.#random() * (end - start))
  }

  /** The tables of the node at a place in the order of identifiers. Asking in order is quickest. */
  at(place: number): ReadyTables {
    return { smaller: this.#side(place, -1), larger: this.#side(place, 1), slots: this.#slots(place) }
  }

  /** The place of the node that is numerically closest to a key, of those that run. */
  closestTo(key: Key, isUp: (peer: Peer) => boolean = () => true): number {
    const after = this.#walk(this.#lowerBound(key), 1, isUp)
    const before = this.#walk(this.#lowerBound(key) - 1, -1, isUp)
    return compareRingDistance(key, this.keyAt(before), this.keyAt(after), ID_WORDS) < 0 ? before : after
  }

  /** The key of the node at a place. */
  keyAt(place: number): Key {
    return keyFromWords(this.#words.subarray(place * KEY_WORDS, (place + 1) * KEY_WORDS))
  }

  #side(place: number, direction: 1 | -1): Peer[] {
    const count = this.sorted.length
    const side: Peer[] = []
    for (let i = 1; i <= Math.min(this.#half, count - 1); i++) {
      side.push(this.sorted[(place + direction * i + count) % count] as Peer)
    }
    return side
  }

  #slots(place: number): (Peer | undefined)[] {
    const slots: (Peer | undefined)[] = []
    const self = this.sorted[place] as Peer
    for (let row = 0; row < ROWS; row++) {
      const { start, end, bounds } = this.#groupOf(place, row)
      if (end - start < 2) break
      for (let digit = 0; digit < COLUMNS; digit++) {
        const first = bounds[digit] as number
        const last = bounds[digit + 1] as number
        const isOurs = place >= first && place < last
        slots.push(isOurs || first === last ? undefined : this.sorted[this.choose(self, first, last)])
      }
    }
    return slots
  }

  /** The nodes that share the first `row` digits with the node at a place. */
  #groupOf(place: number, row: number): Group {
    const known = this.#groups[row]
    if (known !== undefined && place >= known.start && place < known.end) return known
    let start = 0
    let end = this.sorted.length
    if (row > 0) {
      const { bounds } = this.#groupOf(place, row - 1)
      const digit = bounds.findIndex((bound) => bound > place) - 1
      start = bounds[digit] as number
      end = bounds[digit + 1] as number
    }
    const group: Group = { start, end, bounds: this.#boundsOf(start, end, row) }
    this.#groups.length = row
    this.#groups[row] = group
    return group
  }

  /** Where each value of the digit at `row` begins among nodes that share all digits before it. */
  #boundsOf(start: number, end: number, row: number): Int32Array {
    const bounds = new Int32Array(COLUMNS + 1).fill(end)
    let from = start
    for (let digit = 0; digit < COLUMNS; digit++) {
      let [low, high] = [from, end]
      while (low < high) {
        const middle = (low + high) >>> 1
        if (digitAt(this.keyAt(middle), DIGIT_BITS, row) < digit) low = middle + 1
        else high = middle
      }
      bounds[digit] = low
      from = low
    }
    return bounds
  }

  /** The first place whose key is not below a key; the number of nodes if there is none. */
  #lowerBound(key: Key): number {
    let [low, high] = [0, this.sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBelow(this.keyAt(middle), key)) low = middle + 1
      else high = middle
    }
    return low
  }

  #walk(from: number, direction: 1 | -1, isUp: (peer: Peer) => boolean): number {
    const count = this.sorted.length
    let place = (from + count) % count
    for (let i = 0; i < count && !isUp(this.sorted[place] as Peer); i++) place = (place + direction + count) % count
    return place
  }
}

/** Whether a key is the lower number, by the words of an identifier. */
function isBelow(a: Key, b: Key): boolean {
  const shared = sharedDigits(a, b, 32)
  return shared < ID_WORDS && (a[shared] as number) >>> 0 < (b[shared] as number) >>> 0
}

/** The numbers of keys in the order of identifiers: by the leading 53 bits as one number, and by the rest where those are equal. */
function sortedOrder(words: Int32Array): Uint32Array {
  const count = words.length / KEY_WORDS
  const leading = new Float64Array(count)
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    order[i] = i
    leading[i] = ((words[i * KEY_WORDS] as number) >>> 0) * 2 ** 21 + ((words[i * KEY_WORDS + 1] as number) >>> 11)
  }
  return order.sort((a, b) => (leading[a] as number) - (leading[b] as number) || compareWords(words, a, b))
}

function compareWords(words: Int32Array, a: number, b: number): number {
  for (let i = 1; i < ID_WORDS; i++) {
    const difference = ((words[a * KEY_WORDS + i] as number) >>> 0) - ((words[b * KEY_WORDS + i] as number) >>> 0)
    if (difference !== 0) return difference
  }
  return a - b
}
