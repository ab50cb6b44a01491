import { CID } from 'multiformats/cid'
import type { Wantlist, WantlistEntry, WantType } from './message.ts'

/** One block that a peer wants. */
export interface Want {
  readonly cid: CID
  readonly priority: number
  readonly type: WantType
  /** Whether the peer is to be told that it is not here: once. */
  shouldDeny: boolean
}

/** Why an entry of a wantlist was not taken. */
export type WantRefusal = 'bad-cid' | 'too-many-wants'

/** Bytes of a CID at most: SHA-512 makes 68. */
const CID_BYTES_MAX = 128

/** What one peer wants: what is to be looked at, and what was looked for and was not here. Bounded. */
export class Wants {
  readonly #wantsMax: number
  readonly #open = new Map<string, Want>()
  readonly #missing = new Map<string, Want>()

  constructor(wantsMax: number) {
    this.#wantsMax = wantsMax
  }

  get size(): number {
    return this.#open.size + this.#missing.size
  }

  /** Whether there is something to be looked at. */
  get hasOpen(): boolean {
    return this.#open.size > 0
  }

  /** Takes what a peer says that it wants. `onRefused` is told of what was not taken; its CID, if it has one, can be denied. */
  update({ entries, full }: Wantlist, onRefused: (why: WantRefusal, denied: CID | undefined) => void): void {
    if (full) this.clear()
    for (const [index, entry] of entries.entries()) {
      // As many may be revoked as are kept, and as many be wanted. More are not even read.
      if (index >= 2 * this.#wantsMax) {
        onRefused('too-many-wants', undefined)
        continue
      }
      const cid = readCid(entry.block)
      if (cid === undefined) {
        if (!entry.cancel) onRefused('bad-cid', undefined)
      } else if (entry.cancel) this.#delete(cid.toString())
      else if (!this.#add(cid, entry)) onRefused('too-many-wants', entry.sendDontHave ? cid : undefined)
    }
  }

  /** The open want of the highest priority, among equals the oldest. */
  next(): Want | undefined {
    let best: Want | undefined
    for (const want of this.#open.values()) if (best === undefined || want.priority > best.priority) best = want
    return best
  }

  /** Whether it is still wanted as it was when it was looked at. */
  has(want: Want): boolean {
    return this.#open.get(want.cid.toString()) === want
  }

  /** It was answered. */
  delete(want: Want): void {
    if (this.has(want)) this.#delete(want.cid.toString())
  }

  /** It cannot be answered now: it waits until it is woken. */
  setAside(want: Want): void {
    if (!this.has(want)) return
    const key = want.cid.toString()
    this.#open.delete(key)
    this.#missing.set(key, want)
  }

  /** Looks again at what could not be answered: at this CID, or at all. */
  wake(cid: string | undefined): void {
    for (const key of cid === undefined ? [...this.#missing.keys()] : [cid]) {
      const want = this.#missing.get(key)
      if (want === undefined) continue
      this.#missing.delete(key)
      this.#open.set(key, want)
    }
  }

  clear(): void {
    this.#open.clear()
    this.#missing.clear()
  }

  #add(cid: CID, { priority, wantType, sendDontHave }: WantlistEntry): boolean {
    const key = cid.toString()
    const known = this.#open.get(key)
    // Asked for again while it is on the way: a wantlist is told to each newly connected peer in full.
    if (known?.type === wantType) return true
    if (this.size >= this.#wantsMax && known === undefined && !this.#missing.has(key)) return false
    this.#delete(key)
    this.#open.set(key, { cid, priority, type: wantType, shouldDeny: sendDontHave })
    return true
  }

  #delete(key: string): void {
    this.#open.delete(key)
    this.#missing.delete(key)
  }
}

function readCid(bytes: Uint8Array): CID | undefined {
  if (bytes.length > CID_BYTES_MAX) return undefined
  try {
    // A copy: the bytes are part of a message, which would be kept as long as the want.
    return CID.decode(bytes.slice())
  } catch {
    // Whatever it throws, these bytes name nothing: the caller counts it.
    return undefined
  }
}
