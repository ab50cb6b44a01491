import { assert } from '@servent/machine'

/** The last millisecond of virtual time: 24 days. Times are int32, which is what keeps an event in four words. */
export const TIME_MAX = 2 ** 31 - 1

/** Kinds of event there can be: three bits, which share a word with the node. */
export const KINDS_MAX = 8

/** Nodes there can be: what is left of the word. */
export const NODES_MAX = 2 ** 28

/** Events taken at once, at the most: a sheet of them. */
export const BATCH_MAX = 16

const PAGE_BITS = 16
const PAGE_MS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_MS - 1
const PAGES = (TIME_MAX + 1) / PAGE_MS

const KIND_BITS = 3

/** Words of one event: node and kind, two more that its kind gives a meaning to, its time. */
const WORDS = 4
const NODE_AND_KIND = 0
const FIRST = 1
const SECOND = 2
const TIME = 3

const SHEETS_AT_FIRST = 64

/**
 * The queue of events, in total order by time and, within a millisecond, by when they were pushed.
 *
 * A calendar of two levels in typed arrays. The page of the running 65.5 seconds has a first-in first-out list for each
 * millisecond; what lies on a later page waits in that page's list, in the order it came, and is dealt out when the page
 * is turned, before anything else can be pushed onto it. So order needs no comparison and no sequence number, and both
 * pushing and taking cost the same with ten events pending and with ten million.
 *
 * A list is a chain of sheets of sixteen events that lie side by side, and events are taken by the sheet: memory is read
 * in a row, and whoever takes them sees what comes next (see `Simulator`). What comes with an event is a reference in a
 * parallel array. No object is made for an event.
 */
export class Calendar<Payload> {
  /** The time of the events taken last, or that of `advanceTo`. */
  now = 0
  /** The events taken last, a column each: what they are, below {@link KINDS_MAX}. */
  readonly kinds = new Int32Array(BATCH_MAX)
  /** Whom they are about, below {@link NODES_MAX}. */
  readonly nodes = new Int32Array(BATCH_MAX)
  readonly firsts = new Int32Array(BATCH_MAX)
  readonly seconds = new Int32Array(BATCH_MAX)
  readonly payloads: (Payload | undefined)[] = Array.from({ length: BATCH_MAX }, () => undefined)

  #events = new Int32Array(SHEETS_AT_FIRST * BATCH_MAX * WORDS)
  /** What comes with each event, as long as the sheets used so far: an array with holes would be slower. */
  readonly #pending: (Payload | undefined)[] = Array.from({ length: BATCH_MAX }, () => undefined)
  /** For each sheet: the next one of its list, or of the free ones; 0 if there is none. Sheet 0 is not used. */
  #next = new Int32Array(SHEETS_AT_FIRST)
  /** For each sheet: how many events it has. */
  #filled = new Int32Array(SHEETS_AT_FIRST)
  #sheetCount = 1
  #freeSheet = 0
  #size = 0
  readonly #page = new Lists(PAGE_MS)
  readonly #later = new Lists(PAGES)

  /** Events pending. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the arrays, for the account of memory. */
  get bytes(): number {
    const sheets = this.#events.byteLength + this.#next.byteLength + this.#filled.byteLength
    return sheets + this.#pending.length * 8 + this.#page.bytes + this.#later.bytes
  }

  /**
   * Adds an event.
   *
   * @param time - when, in milliseconds: whole, not before `now`. Beyond {@link TIME_MAX} it never happens.
   */
  push(time: number, kind: number, node: number, first: number, second: number, payload: Payload | undefined): void {
    if (time > TIME_MAX) return
    assert(time >= this.now, 'an event lies ahead')
    const inPage = time >>> PAGE_BITS === this.now >>> PAGE_BITS
    const event = inPage ? this.#add(this.#page, time & PAGE_MASK) : this.#add(this.#later, time >>> PAGE_BITS)
    const at = event * WORDS
    this.#events[at + NODE_AND_KIND] = (node << KIND_BITS) | kind
    this.#events[at + FIRST] = first
    this.#events[at + SECOND] = second
    this.#events[at + TIME] = time
    this.#pending[event] = payload
    this.#size++
  }

  /**
   * Takes the next events, all of one millisecond, into the columns of this object.
   *
   * @param until - the last moment they may happen at
   * @param countMax - how many are wanted; never more than {@link BATCH_MAX} come
   * @returns how many came, 0 if nothing happens until then
   */
  take(until: number, countMax: number): number {
    const list = this.#nextList(until)
    if (list < 0) return 0
    this.now = (this.now & ~PAGE_MASK) | list
    const sheet = this.#page.first[list] as number
    const from = this.#page.readTo[list] as number
    const filled = this.#filled[sheet] as number
    const count = Math.min(filled - from, countMax)
    const events = this.#events
    for (let i = 0; i < count; i++) {
      const event = sheet * BATCH_MAX + from + i
      const at = event * WORDS
      const nodeAndKind = events[at + NODE_AND_KIND] as number
      this.kinds[i] = nodeAndKind & (KINDS_MAX - 1)
      this.nodes[i] = nodeAndKind >>> KIND_BITS
      this.firsts[i] = events[at + FIRST] as number
      this.seconds[i] = events[at + SECOND] as number
      this.payloads[i] = this.#pending[event]
      this.#pending[event] = undefined
    }
    this.#size -= count
    if (from + count < filled) this.#page.readTo[list] = from + count
    else this.#dropFirst(list, sheet)
    return count
  }

  /** Lets time pass to a moment before which nothing is pending any more. */
  advanceTo(time: number): void {
    assert(time >= this.now && time <= TIME_MAX, 'time goes forward, and not beyond its end')
    assert(this.#nextList(time) < 0, 'nothing pending is jumped over')
    if (time >>> PAGE_BITS !== this.now >>> PAGE_BITS) this.#turnTo(time)
    this.now = time
  }

  /** The millisecond of the page at which something happens next, the page turned if need be, or -1. */
  #nextList(until: number): number {
    const list = this.#page.next(this.now & PAGE_MASK)
    if (list >= 0) return ((this.now & ~PAGE_MASK) | list) <= until ? list : -1
    const page = this.#later.next((this.now >>> PAGE_BITS) + 1)
    if (page < 0 || page * PAGE_MS > until) return -1
    this.#turnTo(page * PAGE_MS)
    return this.#nextList(until)
  }

  /** Deals a page's events out to its milliseconds, in the order they came. */
  #turnTo(now: number): void {
    const page = now >>> PAGE_BITS
    this.now = now
    let sheet = this.#later.first[page] as number
    this.#later.clear(page)
    while (sheet !== 0) {
      for (let i = 0; i < (this.#filled[sheet] as number); i++) this.#deal(sheet * BATCH_MAX + i)
      const next = this.#next[sheet] as number
      this.#free(sheet)
      sheet = next
    }
  }

  #deal(from: number): void {
    const to = this.#add(this.#page, (this.#events[from * WORDS + TIME] as number) & PAGE_MASK)
    this.#events.copyWithin(to * WORDS, from * WORDS, (from + 1) * WORDS)
    this.#pending[to] = this.#pending[from]
    this.#pending[from] = undefined
  }

  /** Makes room for one more event at the end of a list. */
  #add(lists: Lists, list: number): number {
    let sheet = lists.last[list] as number
    if (sheet === 0 || this.#filled[sheet] === BATCH_MAX) {
      const added = this.#newSheet()
      if (sheet === 0) lists.begin(list, added)
      else this.#next[sheet] = added
      lists.last[list] = added
      sheet = added
    }
    const place = this.#filled[sheet] as number
    this.#filled[sheet] = place + 1
    return sheet * BATCH_MAX + place
  }

  #dropFirst(list: number, sheet: number): void {
    const next = this.#next[sheet] as number
    if (next === 0) this.#page.clear(list)
    else this.#page.first[list] = next
    this.#page.readTo[list] = 0
    this.#free(sheet)
  }

  #free(sheet: number): void {
    this.#next[sheet] = this.#freeSheet
    this.#freeSheet = sheet
  }

  #newSheet(): number {
    let sheet = this.#freeSheet
    if (sheet !== 0) {
      this.#freeSheet = this.#next[sheet] as number
    } else {
      sheet = this.#sheetCount++
      if (sheet === this.#next.length) {
        this.#events = doubled(this.#events)
        this.#next = doubled(this.#next)
        this.#filled = doubled(this.#filled)
      }
      for (let i = 0; i < BATCH_MAX; i++) this.#pending.push(undefined)
    }
    this.#next[sheet] = 0
    this.#filled[sheet] = 0
    return sheet
  }
}

/** Chains of sheets, and a bit for each one that is not empty, so that empty ones are skipped by the word. */
class Lists {
  /** The first sheet of each list, or 0. */
  readonly first: Int32Array
  /** The last sheet of each list, or 0. */
  readonly last: Int32Array
  /** How many events of the first sheet are taken already. */
  readonly readTo: Uint8Array
  readonly #isFilled: Int32Array

  constructor(count: number) {
    this.first = new Int32Array(count)
    this.last = new Int32Array(count)
    this.readTo = new Uint8Array(count)
    this.#isFilled = new Int32Array(count >>> 5)
  }

  get bytes(): number {
    return this.first.byteLength + this.last.byteLength + this.readTo.byteLength + this.#isFilled.byteLength
  }

  begin(list: number, sheet: number): void {
    this.first[list] = sheet
    this.#isFilled[list >>> 5] = (this.#isFilled[list >>> 5] as number) | (1 << (list & 31))
  }

  clear(list: number): void {
    this.first[list] = 0
    this.last[list] = 0
    this.#isFilled[list >>> 5] = (this.#isFilled[list >>> 5] as number) & ~(1 << (list & 31))
  }

  /** The first list from `list` on that is not empty, or -1. */
  next(list: number): number {
    const isFilled = this.#isFilled
    let word = list >>> 5
    if (word >= isFilled.length) return -1
    let bits = (isFilled[word] as number) & (-1 << (list & 31))
    while (bits === 0) {
      if (++word === isFilled.length) return -1
      bits = isFilled[word] as number
    }
    return (word << 5) + 31 - Math.clz32(bits & -bits)
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(array.length * 2)
  grown.set(array)
  return grown
}
