import { keywords } from '@servent/library'
import { utf8Encode } from '@servent/wire'
import type { SharedSong } from './messages.ts'
import { NO_HANDLE, NO_OWNER, SEGMENT_NAMES_MAX, type SearchBudget, Segment, type SongRecord } from './segment.ts'

/** Names one song of the index, as long as nothing is added or compacted. */
export type SongHandle = number

/** What is looked for. No words and no content find nothing. */
export interface SongQuery {
  /** Folded, as `keywords` gives them. */
  readonly words: readonly string[]
  readonly cid?: Uint8Array | undefined
  readonly sha1?: Uint8Array | undefined
  /** Which owners and rates will do. Default all. */
  readonly accepts?: (owner: number, bitrate: number, frequency: number) => boolean
}

export interface SongIndexOptions {
  /** Songs at the most, of all owners together. */
  readonly songsMax: number
  /** A whole number that nobody else knows. */
  readonly seed?: number
  /** Songs that one search looks at, at the most. Default all. */
  readonly candidatesMax?: number
  /** Songs of a segment; at most, and by default, 65,536. */
  readonly segmentSongs?: number
}

/** A song that was found. */
export interface FoundSong {
  readonly owner: number
  readonly song: SharedSong
}

class Owner {
  first: SongHandle = NO_HANDLE
  songCount = 0
  byteCount = 0
}

/**
 * Who shares which song, found by words of its name, by content, or by owner and name.
 *
 * 1. Owners are small numbers, given again after `removeOwner`.
 * 2. Songs stand in segments of at most 65,536. New ones go into the last; one that goes leaves a gap.
 * 3. A full segment that is more than half gaps is emptied into the last one, a few songs a call of `compact`, and dropped.
 *    So no call takes long, and there are never many more than two places for a song.
 */
export class SongIndex {
  readonly #songsMax: number
  readonly #segmentSongs: number
  readonly #candidatesMax: number
  readonly #seed: number
  readonly #segments: (Segment | undefined)[] = []
  /** By number; number 0 is nobody. */
  readonly #owners: (Owner | undefined)[] = [undefined]
  readonly #freeOwners: number[] = []
  readonly #freeSlots: number[] = []
  /** The slot of the segment that takes new songs. */
  #open = -1
  /** The slot of the segment that is being emptied, and how far that has come. */
  #emptying = -1
  #emptied = 0
  #songCount = 0
  #byteCount = 0

  constructor(options: SongIndexOptions) {
    const { songsMax, seed = 0, segmentSongs = SEGMENT_NAMES_MAX, candidatesMax = Number.POSITIVE_INFINITY } = options
    this.#songsMax = songsMax
    this.#candidatesMax = candidatesMax
    this.#segmentSongs = Math.min(Math.max(segmentSongs, 1), SEGMENT_NAMES_MAX)
    this.#seed = seed
  }

  get songCount(): number {
    return this.#songCount
  }

  get ownerCount(): number {
    return this.#owners.length - 1 - this.#freeOwners.length
  }

  /** Sizes of all songs together. */
  get byteCount(): number {
    return this.#byteCount
  }

  /** Places for songs, those of gaps included. */
  get placeCount(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment?.count ?? 0), 0)
  }

  /** Bytes of all arrays; the words themselves are the heap's. */
  get arrayBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment?.bytes ?? 0), 0)
  }

  /** A new owner, who shares nothing yet. */
  addOwner(): number {
    const id = this.#freeOwners.pop() ?? this.#owners.length
    this.#owners[id] = new Owner()
    return id
  }

  /** Forgets an owner and all that it shares: some microseconds a hundred songs. */
  removeOwner(id: number): void {
    this.removeAll(id)
    if (this.#owners[id] === undefined) return
    this.#owners[id] = undefined
    this.#freeOwners.push(id)
  }

  songCountOf(owner: number): number {
    return this.#owners[owner]?.songCount ?? 0
  }

  /** Adds a song, if there is room and its owner has none of that name. */
  add(id: number, song: SharedSong): 'added' | 'duplicate' | 'index-full' {
    const owner = this.#owners[id]
    if (owner === undefined || this.#songCount >= this.#songsMax) return 'index-full'
    const name = utf8Encode(song.name)
    if (this.#find(id, name) !== NO_HANDLE) return 'duplicate'
    const { cid, sha1, size, bitrate, frequency, seconds } = song
    const words = keywords(song.name)
    const handle = this.#append({ owner: id, name, cid, sha1, size, bitrate, frequency, seconds, words })
    this.#link(owner, handle)
    owner.songCount++
    owner.byteCount += size
    this.#songCount++
    this.#byteCount += size
    return 'added'
  }

  /** Removes a song by its owner and name. False if there is none. */
  remove(id: number, name: string): boolean {
    const owner = this.#owners[id]
    const handle = this.#find(id, utf8Encode(name))
    if (owner === undefined || handle === NO_HANDLE) return false
    const [segment, local] = this.#at(handle)
    this.#unlink(owner, segment, local)
    owner.songCount--
    owner.byteCount -= segment.sizeOf(local)
    this.#songCount--
    this.#byteCount -= segment.sizeOf(local)
    this.#bury(handle)
    return true
  }

  /** Removes all songs of an owner. */
  removeAll(id: number): void {
    const owner = this.#owners[id]
    if (owner === undefined) return
    for (let handle = owner.first; handle !== NO_HANDLE; ) {
      const [segment, local] = this.#at(handle)
      const next = segment.nexts[local] as number
      this.#bury(handle)
      handle = next
    }
    this.#songCount -= owner.songCount
    this.#byteCount -= owner.byteCount
    this.#owners[id] = new Owner()
  }

  /** A song by its owner and name. */
  find(owner: number, name: string): SharedSong | undefined {
    const handle = this.#find(owner, utf8Encode(name))
    if (handle === NO_HANDLE) return undefined
    const [segment, local] = this.#at(handle)
    return segment.songOf(local)
  }

  /** Songs of an owner, newest first, `limit` at the most. */
  songsOf(id: number, limit: number): SharedSong[] {
    const songs: SharedSong[] = []
    for (let handle = this.#owners[id]?.first ?? NO_HANDLE; handle !== NO_HANDLE && songs.length < limit; ) {
      const [segment, local] = this.#at(handle)
      songs.push(segment.songOf(local))
      handle = segment.nexts[local] as number
    }
    return songs
  }

  /** Songs that match, `limit` at the most. */
  search(query: SongQuery, limit: number): FoundSong[] {
    const found: FoundSong[] = []
    if (limit <= 0) return found
    const budget: SearchBudget = { songs: this.#candidatesMax }
    for (const segment of this.#segments) {
      if (segment === undefined || segment.liveCount === 0) continue
      const take = (local: number): boolean => {
        const owner = segment.ownerOf(local)
        const isAccepted = query.accepts?.(owner, segment.bitrateOf(local), segment.frequencyOf(local)) ?? true
        if (isAccepted) found.push({ owner, song: segment.songOf(local) })
        return found.length < limit
      }
      if (!searchSegment(segment, query, budget, take)) break
    }
    return found
  }

  /**
   * Moves songs out of a segment that is mostly gaps, `songsMax` at the most, and drops it when it is empty. Handles change.
   *
   * @returns whether there is more to do
   */
  compact(songsMax: number): boolean {
    for (let moved = 0; moved < songsMax; ) {
      if (this.#emptying === -1) this.#emptying = this.#findSparse()
      const segment = this.#segments[this.#emptying]
      if (segment === undefined) {
        this.#emptying = -1
        return false
      }
      while (this.#emptied < segment.count && segment.ownerOf(this.#emptied) === NO_OWNER) this.#emptied++
      if (this.#emptied >= segment.count) {
        this.#drop(this.#emptying)
        continue
      }
      this.#move(this.#emptying, segment, this.#emptied++)
      moved++
    }
    return true
  }

  #at(handle: SongHandle): [Segment, number] {
    return [this.#segments[handle >>> 16] as Segment, handle & 0xffff]
  }

  #find(owner: number, name: Uint8Array): SongHandle {
    if ((this.#owners[owner]?.songCount ?? 0) === 0) return NO_HANDLE
    for (const [slot, segment] of this.#segments.entries()) {
      const local = segment?.find(owner, name) ?? -1
      if (local !== -1) return slot * 0x10000 + local
    }
    return NO_HANDLE
  }

  #append(record: SongRecord): SongHandle {
    let segment = this.#segments[this.#open]
    if (segment === undefined || segment.count >= this.#segmentSongs) {
      segment = new Segment(this.#seed)
      const full = this.#open
      this.#open = this.#freeSlots.pop() ?? this.#segments.length
      this.#segments[this.#open] = segment
      if (this.#segments[full]?.liveCount === 0) this.#drop(full)
    }
    return this.#open * 0x10000 + segment.add(record)
  }

  #link(owner: Owner, handle: SongHandle): void {
    const [segment, local] = this.#at(handle)
    segment.previous[local] = NO_HANDLE
    segment.nexts[local] = owner.first
    if (owner.first !== NO_HANDLE) {
      const [nextSegment, next] = this.#at(owner.first)
      nextSegment.previous[next] = handle
    }
    owner.first = handle
  }

  #unlink(owner: Owner, segment: Segment, local: number): void {
    const previous = segment.previous[local] as number
    const next = segment.nexts[local] as number
    if (previous === NO_HANDLE) owner.first = next
    else this.#at(previous)[0].nexts[previous & 0xffff] = next
    if (next !== NO_HANDLE) this.#at(next)[0].previous[next & 0xffff] = previous
  }

  #bury(handle: SongHandle): void {
    const slot = handle >>> 16
    const [segment, local] = this.#at(handle)
    segment.bury(local)
    if (segment.liveCount === 0 && slot !== this.#open) this.#drop(slot)
  }

  #drop(slot: number): void {
    if (this.#segments[slot] === undefined) return
    this.#segments[slot] = undefined
    this.#freeSlots.push(slot)
    if (slot !== this.#emptying) return
    this.#emptying = -1
    this.#emptied = 0
  }

  #findSparse(): number {
    this.#emptied = 0
    return this.#segments.findIndex(
      (segment, slot) => segment !== undefined && slot !== this.#open && 2 * segment.liveCount < segment.count
    )
  }

  #move(slot: number, from: Segment, local: number): void {
    const record = from.recordOf(local)
    const owner = this.#owners[record.owner] as Owner
    this.#unlink(owner, from, local)
    // A copy: the view is of an array that may be replaced.
    const name = record.name.slice()
    const handle = this.#append({ ...record, name, words: keywords(from.nameOf(local)) })
    this.#link(owner, handle)
    this.#bury(slot * 0x10000 + local)
  }
}

/** False if there is no need to look any further. */
function searchSegment(
  segment: Segment,
  { words, cid, sha1 }: SongQuery,
  budget: SearchBudget,
  take: (local: number) => boolean
): boolean {
  if (cid === undefined && sha1 === undefined)
    return words.length === 0 ? false : segment.withWords(words, budget, take)
  const seen = new Set<number>()
  const takeOnce = (local: number): boolean => {
    if (seen.has(local)) return true
    seen.add(local)
    const held = words.length === 0 ? words : keywords(segment.nameOf(local))
    return !words.every((word) => held.includes(word)) || take(local)
  }
  if (cid !== undefined && !segment.withContent(cid, 'cid', budget, takeOnce)) return false
  return sha1 === undefined || segment.withContent(sha1, 'sha1', budget, takeOnce)
}
