import { assert } from '@servent/machine'

/** The last millisecond of virtual time: 24 days. Times are int32, which is what keeps an event in four words. */
export const TIME_MAX = 2 ** 31 - 1

/** Kinds of event there can be: three bits, which share a word with the node. */
const KINDS_MAX = 8

/** Nodes there can be: what is left of the word. */
const NODES_MAX = 2 ** 28

/** Events taken at once, at the most. */
export const BATCH_MAX = 16

/** Events that lie side by side. */
const SHEET = 16

/** Parts of the nodes, by number, that the events of a large round are grouped by. */
const REGION_BITS = 12
const REGIONS = 1 << REGION_BITS

/** A round of more events than this is grouped: fewer would not pay for looking at every region. */
const UNGROUPED_MAX = 512

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
 * The queue of events, in total order by time. Within a millisecond they come in rounds: first all that were pending when
 * it began, then what these caused for the same millisecond, and so on. Within a round they come in the order they were
 * pushed, except that a round of more than 512 goes region by region: the nodes are divided by number into at most 4,096
 * regions, and the order within a region is kept. So what one node gets, it gets in the order of pushing, always.
 *
 * A calendar of two levels in typed arrays. The page of the running 65.5 seconds has a first-in first-out list for each
 * millisecond; what lies on a later page waits in that page's list, in the order it came, and is dealt out when the page
 * is turned, before anything else can be pushed onto it. So order needs no comparison and no sequence number, and both
 * pushing and taking cost the same with ten events pending and with ten million.
 *
 * A list is a chain of sheets of sixteen events that lie side by side: memory is read in a row. Regions are for the memory
 * of the nodes: a wave of a flood that went from node to node at random would miss every cache and every translation of
 * addresses; region by region it touches one part of the memory after the other. What comes with an event is a reference
 * in a parallel array. No object is made for an event.
 */
export class Calendar<Payload> {
  /** The time of the events taken last, or that of `advanceTo`. */
  now = 0
  /** The events taken last are those from this row on, in the columns that follow. */
  row = 0
  /** What they are, below 8. */
  kinds = new Uint8Array(SHEET)
  /** Whom they are about, below 2^28. */
  nodes = new Int32Array(SHEET)
  firsts = new Int32Array(SHEET)
  seconds = new Int32Array(SHEET)
  /** What came with them. Whoever takes it puts undefined in its place. */
  readonly payloads: (Payload | undefined)[] = Array.from({ length: SHEET }, () => undefined)

  /** Rows of the round that is being taken, and how many of them are. */
  #rowCount = 0
  #rowsTaken = 0
  readonly #regionShift: number
  /** Where the next event of each region goes. */
  readonly #regionRow = new Int32Array(REGIONS)

  #events = new Int32Array(SHEETS_AT_FIRST * SHEET * WORDS)
  /** What comes with each event, as long as the sheets used so far: an array with holes would be slower. */
  readonly #pending: (Payload | undefined)[] = Array.from({ length: SHEET }, () => undefined)
  /** For each sheet: the next one of its list, or of the free ones; 0 if there is none. Sheet 0 is not used. */
  #next = new Int32Array(SHEETS_AT_FIRST)
  /** For each sheet: how many events it has. */
  #filled = new Int32Array(SHEETS_AT_FIRST)
  #sheetCount = 1
  #freeSheet = 0
  #size = 0
  readonly #page = new Lists(PAGE_MS)
  readonly #later = new Lists(PAGES)

  /** @param nodes - how many nodes there are: which region one is in depends on it */
  constructor(nodes: number) {
    assert(nodes <= NODES_MAX, 'nodes can be numbered')
    this.#regionShift = Math.max(0, 32 - Math.clz32(nodes - 1) - REGION_BITS)
  }

  /** Events pending. */
  get size(): number {
    return this.#size
  }

  /** Bytes of the arrays, for the account of memory. */
  get bytes(): number {
    const sheets = this.#events.byteLength + this.#next.byteLength + this.#filled.byteLength
    const rows = 13 * this.nodes.length + 8 * this.payloads.length
    return sheets + rows + this.#pending.length * 8 + this.#page.bytes + this.#later.bytes
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
   * Takes the next events, all of one millisecond: those of the columns from `row` on.
   *
   * @param until - the last moment they may happen at
   * @param countMax - how many are wanted; never more than {@link BATCH_MAX} come
   * @returns how many came, 0 if nothing happens until then
   */
  take(until: number, countMax: number): number {
    if (this.#rowsTaken === this.#rowCount && !this.#beginRound(until)) return 0
    if (this.now > until) return 0
    const count = Math.min(this.#rowCount - this.#rowsTaken, countMax, BATCH_MAX)
    this.row = this.#rowsTaken
    this.#rowsTaken += count
    this.#size -= count
    return count
  }

  /** Lets time pass to a moment before which nothing is pending any more. */
  advanceTo(time: number): void {
    assert(time >= this.now && time <= TIME_MAX, 'time goes forward, and not beyond its end')
    assert(this.#rowsTaken === this.#rowCount && this.#nextList(time) < 0, 'nothing pending is jumped over')
    if (time >>> PAGE_BITS !== this.now >>> PAGE_BITS) this.#turnTo(time)
    this.now = time
  }

  /** Moves all events of the next millisecond into the columns. */
  #beginRound(until: number): boolean {
    const list = this.#nextList(until)
    if (list < 0) return false
    this.now = (this.now & ~PAGE_MASK) | list
    const first = this.#page.first[list] as number
    let count = 0
    for (let sheet = first; sheet !== 0; sheet = this.#next[sheet] as number) count += this.#filled[sheet] as number
    this.#makeRows(count)
    const isGrouped = count > UNGROUPED_MAX
    if (isGrouped) this.#divide(first)
    let row = 0
    for (let sheet = first; sheet !== 0; ) {
      const end = sheet * SHEET + (this.#filled[sheet] as number)
      for (let event = sheet * SHEET; event < end; event++) this.#move(event, isGrouped ? this.#placeOf(event) : row++)
      const next = this.#next[sheet] as number
      this.#free(sheet)
      sheet = next
    }
    this.#page.clear(list)
    this.#rowCount = count
    this.#rowsTaken = 0
    return true
  }

  #makeRows(count: number): void {
    while (this.payloads.length < count) this.payloads.push(undefined)
    if (count <= this.nodes.length) return
    const length = 2 ** Math.ceil(Math.log2(count))
    this.kinds = new Uint8Array(length)
    this.nodes = new Int32Array(length)
    this.firsts = new Int32Array(length)
    this.seconds = new Int32Array(length)
  }

  /** Finds where the events of each region begin. */
  #divide(first: number): void {
    const rows = this.#regionRow.fill(0)
    for (let sheet = first; sheet !== 0; sheet = this.#next[sheet] as number) {
      const end = sheet * SHEET + (this.#filled[sheet] as number)
      for (let event = sheet * SHEET; event < end; event++) {
        const region = this.#regionOf(event)
        rows[region] = (rows[region] as number) + 1
      }
    }
    let row = 0
    for (let region = 0; region < REGIONS; region++) {
      const count = rows[region] as number
      rows[region] = row
      row += count
    }
  }

  #regionOf(event: number): number {
    return ((this.#events[event * WORDS + NODE_AND_KIND] as number) >>> KIND_BITS) >>> this.#regionShift
  }

  #placeOf(event: number): number {
    const region = this.#regionOf(event)
    const row = this.#regionRow[region] as number
    this.#regionRow[region] = row + 1
    return row
  }

  #move(event: number, row: number): void {
    const at = event * WORDS
    const nodeAndKind = this.#events[at + NODE_AND_KIND] as number
    this.kinds[row] = nodeAndKind & (KINDS_MAX - 1)
    this.nodes[row] = nodeAndKind >>> KIND_BITS
    this.firsts[row] = this.#events[at + FIRST] as number
    this.seconds[row] = this.#events[at + SECOND] as number
    this.payloads[row] = this.#pending[event]
    this.#pending[event] = undefined
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
      for (let i = 0; i < (this.#filled[sheet] as number); i++) this.#deal(sheet * SHEET + i)
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
    if (sheet === 0 || this.#filled[sheet] === SHEET) {
      const added = this.#newSheet()
      if (sheet === 0) lists.begin(list, added)
      else this.#next[sheet] = added
      lists.last[list] = added
      sheet = added
    }
    const place = this.#filled[sheet] as number
    this.#filled[sheet] = place + 1
    return sheet * SHEET + place
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
      for (let i = 0; i < SHEET; i++) this.#pending.push(undefined)
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
  readonly #isFilled: Int32Array

  constructor(count: number) {
    this.first = new Int32Array(count)
    this.last = new Int32Array(count)
    this.#isFilled = new Int32Array(count >>> 5)
  }

  get bytes(): number {
    return this.first.byteLength + this.last.byteLength + this.#isFilled.byteLength
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
