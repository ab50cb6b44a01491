import { assert } from '@servent/machine'

/** There is no such end. */
export const NONE = -1

/** Where the end of a connection stands: asked for, not yet there. */
export const OPENING = 1
export const OPEN = 2
/** Dead, and its owner does not know yet. */
export const BROKEN = 3

/** Set beside the status: the owner called `connect`, and so is owed an answer. */
const ASKED = 4
const STATUS_MASK = 3

/** Words of one end; a node's four neighbors fill one or two lines of cache. */
const WORDS = 4
/** The other node, plus one; 0 where there is no end. */
const PEER = 0
const SERIAL = 1
const STATUS = 2
const ARRIVAL = 3

const PLACES_AT_FIRST = 1024
const BLOCK_MIN = 4

/**
 * All connections of all nodes, in typed arrays. A connection has two *ends*: one node's view of it each, so that one side
 * can know that it is over before the other does. Both carry its serial number; what is under way carries it too, and
 * finds out on arrival that its connection is no more.
 *
 * The ends of a node lie side by side in a block of its own, a small hash table by peer (linear probing, at most three
 * quarters full). So a message that arrives and is sent on to all neighbors touches one place in memory, not one for each
 * of them; and a server with 10^5 clients finds each of them as quickly.
 *
 * A place (what `find` gives) is good until the next `add` or `remove`.
 */
export class Links {
  #ends = new Int32Array(PLACES_AT_FIRST * WORDS)
  #placeCount = 0
  /** Two words a node: where its block begins, and its length less one, for it is a power of two; -1 before it has one. */
  readonly #blocks: Int32Array
  readonly #count: Int32Array
  /** Blocks that were outgrown, by the logarithm of their length: used again. */
  readonly #freeBlocks: number[][] = []
  #serial = 0

  constructor(nodes: number) {
    this.#blocks = new Int32Array(2 * nodes).fill(NONE)
    this.#count = new Int32Array(nodes)
  }

  get bytes(): number {
    return this.#ends.byteLength + this.#blocks.byteLength + this.#count.byteLength
  }

  /** A number that no connection had yet. */
  nextSerial(): number {
    this.#serial++
    assert(this.#serial < 2 ** 31, 'serial numbers of connections last')
    return this.#serial
  }

  /** The place of `node`'s end of its connection to `peer`, or {@link NONE}. */
  find(node: number, peer: number): number {
    const ends = this.#ends
    const mask = this.#blocks[2 * node + 1] as number
    const start = this.#blocks[2 * node] as number
    if (mask < 0) return NONE
    let offset = home(peer) & mask
    for (let tries = 0; tries <= mask; tries++) {
      const found = ends[(start + offset) * WORDS] as number
      if (found === 0) return NONE
      if (found === peer + 1) return start + offset
      offset = (offset + 1) & mask
    }
    return NONE
  }

  /** Reads where a node's ends are, and returns any number: see `Simulator`. */
  prefetchBlock(node: number): number {
    return (this.#blocks[2 * node] as number) + (this.#blocks[2 * node + 1] as number)
  }

  /** Reads a node's ends, as far as those of a few neighbors go, and returns any number. */
  prefetchEnds(node: number): number {
    const first = (this.#blocks[2 * node] as number) * WORDS
    const last = first + (this.#blocks[2 * node + 1] as number) * WORDS
    return (this.#ends[first] ?? 0) + (this.#ends[last] ?? 0)
  }

  /** Whether the connection of that serial is the node's to this peer, and the node may hear of it. */
  isOpen(node: number, peer: number, serial: number): boolean {
    const place = this.find(node, peer)
    return place !== NONE && this.serialAt(place) === serial && this.statusAt(place) === OPEN
  }

  serialAt(place: number): number {
    return this.#ends[place * WORDS + SERIAL] as number
  }

  statusAt(place: number): number {
    return (this.#ends[place * WORDS + STATUS] as number) & STATUS_MASK
  }

  setStatus(place: number, status: number): void {
    this.#ends[place * WORDS + STATUS] = status
  }

  isAsked(place: number): boolean {
    return ((this.#ends[place * WORDS + STATUS] as number) & ASKED) !== 0
  }

  setAsked(place: number): void {
    this.#ends[place * WORDS + STATUS] = (this.#ends[place * WORDS + STATUS] as number) | ASKED
  }

  /** When what was sent last from this end arrives. */
  arrivalAt(place: number): number {
    return this.#ends[place * WORDS + ARRIVAL] as number
  }

  /** When something sent now arrives: at `time`, or with what was sent before it, so that nothing overtakes. */
  arrival(place: number, time: number): number {
    const at = place * WORDS + ARRIVAL
    const last = this.#ends[at] as number
    if (last >= time) return last
    this.#ends[at] = time
    return time
  }

  /** Gives a node an end. It must have none to this peer. */
  add(node: number, peer: number, serial: number, status: number, arrival: number): void {
    const count = (this.#count[node] as number) + 1
    this.#count[node] = count
    const length = (this.#blocks[2 * node + 1] as number) + 1
    if (count > (length <= 8 ? length : (length * 3) >> 2)) this.#growBlock(node)
    const at = this.#freePlace(node, peer) * WORDS
    this.#ends[at + PEER] = peer + 1
    this.#ends[at + SERIAL] = serial
    this.#ends[at + STATUS] = status
    this.#ends[at + ARRIVAL] = arrival
  }

  /** Takes a node's end away and closes the gap, so that what was removed leaves no mark (Knuth, vol. 3, algorithm 6.4R). */
  remove(node: number, place: number): void {
    const ends = this.#ends
    const start = this.#blocks[2 * node] as number
    const mask = this.#blocks[2 * node + 1] as number
    let gap = place - start
    let offset = gap
    for (let tries = 0; tries < mask; tries++) {
      offset = (offset + 1) & mask
      const found = ends[(start + offset) * WORDS] as number
      if (found === 0) break
      if (((offset - home(found - 1)) & mask) < ((offset - gap) & mask)) continue
      this.#move(start + offset, start + gap)
      gap = offset
    }
    ends[(start + gap) * WORDS] = 0
    this.#count[node] = (this.#count[node] as number) - 1
  }

  /** Whom a node has an end to. */
  peersOf(node: number): number[] {
    const peers: number[] = []
    const start = this.#blocks[2 * node] as number
    for (let offset = 0; offset <= (this.#blocks[2 * node + 1] as number); offset++) {
      const found = this.#ends[(start + offset) * WORDS] as number
      if (found !== 0) peers.push(found - 1)
    }
    return peers
  }

  #freePlace(node: number, peer: number): number {
    const start = this.#blocks[2 * node] as number
    const mask = this.#blocks[2 * node + 1] as number
    let offset = home(peer) & mask
    while (this.#ends[(start + offset) * WORDS] !== 0) offset = (offset + 1) & mask
    return start + offset
  }

  #growBlock(node: number): void {
    const start = this.#blocks[2 * node] as number
    const length = (this.#blocks[2 * node + 1] as number) + 1
    const grown = Math.max(BLOCK_MIN, length * 2)
    this.#blocks[2 * node] = this.#newBlock(grown)
    this.#blocks[2 * node + 1] = grown - 1
    for (let place = start; place < start + length; place++) {
      const found = this.#ends[place * WORDS] as number
      if (found !== 0) this.#move(place, this.#freePlace(node, found - 1))
      this.#ends[place * WORDS] = 0
    }
    if (length > 0) this.#blocksOf(length).push(start)
  }

  #newBlock(length: number): number {
    const free = this.#blocksOf(length).pop()
    if (free !== undefined) return free
    const start = this.#placeCount
    this.#placeCount += length
    while (this.#placeCount * WORDS > this.#ends.length) {
      const grown = new Int32Array(this.#ends.length * 2)
      grown.set(this.#ends)
      this.#ends = grown
    }
    return start
  }

  #blocksOf(length: number): number[] {
    const logarithm = 31 - Math.clz32(length)
    while (this.#freeBlocks.length <= logarithm) this.#freeBlocks.push([])
    return this.#freeBlocks[logarithm] as number[]
  }

  #move(from: number, to: number): void {
    this.#ends.copyWithin(to * WORDS, from * WORDS, (from + 1) * WORDS)
  }
}

function home(peer: number): number {
  const h = Math.imul(peer, 0x9e3779b1)
  return h ^ (h >>> 15)
}
