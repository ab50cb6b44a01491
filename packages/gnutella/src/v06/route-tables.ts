import type { Guid } from '../guid.ts'
import type { QrpPatch, QrpReset } from '../messages.ts'
import type { HybridConfig } from './config.ts'
import { type HybridLink, LEAF } from './link.ts'
import { patchesFor } from './qrp-patches.ts'
import { QueryRouteTable } from './query-route-table.ts'

/** The messages of one table that one neighbor is sent, by what it had before. */
interface Made {
  readonly before: QueryRouteTable | undefined
  readonly after: QueryRouteTable
  readonly messages: readonly (QrpReset | QrpPatch)[]
}

/** From LimeWire: bytes of one PATCH. */
const PATCH_BYTES_MAX = 4096

/** Ours: neighbors that came at different times have different tables of ours; a few of them are remembered. */
const MADE_MAX = 4

/**
 * The query route table that we tell of: a leaf's is made of what it shares, an ultrapeer's of that and of the tables of its
 * leaves. It is made again when something has changed, and the messages for neighbors that had the same are made once.
 */
export class RouteTables {
  readonly #config: Readonly<HybridConfig>
  #own: QueryRouteTable | undefined = undefined
  #ownRevision = -1
  #merged: QueryRouteTable | undefined = undefined
  #made: readonly Made[] = []

  constructor(config: Readonly<HybridConfig>) {
    this.#config = config
  }

  /** Whether the library has changed since its table was made. */
  get isOutdated(): boolean {
    return this.#own === undefined || this.#ownRevision !== this.#config.library.revision
  }

  /** Leaves have come, gone or changed. */
  forgetMerged(): void {
    this.#merged = undefined
  }

  /** What a leaf tells. */
  own(): QueryRouteTable {
    const { library, tableSlots } = this.#config
    if (this.#own === undefined || this.#ownRevision !== library.revision) {
      this.#own = QueryRouteTable.ofLibrary(library, tableSlots)
      this.#ownRevision = library.revision
      this.#merged = undefined
    }
    return this.#own
  }

  /** What an ultrapeer tells. */
  merged(links: readonly HybridLink[]): QueryRouteTable {
    const own = this.own()
    if (this.#merged !== undefined) return this.#merged
    const tables = [own]
    for (const { kind, table } of links) if (kind === LEAF && table !== undefined) tables.push(table)
    this.#merged = QueryRouteTable.union(tables, this.#config.tableSlots)
    return this.#merged
  }

  /**
   * The messages that make `after` of what a neighbor has.
   *
   * @param newId - gives the descriptor id of new ones
   */
  messagesFor(
    before: QueryRouteTable | undefined,
    after: QueryRouteTable,
    newId: () => Guid
  ): readonly (QrpReset | QrpPatch)[] {
    if (before === after) return []
    const known = this.#made.find((made) => made.before === before && made.after === after)
    if (known !== undefined) return known.messages
    const messages = patchesFor(before, after, { guid: newId(), bytesMax: PATCH_BYTES_MAX })
    this.#made = [...this.#made.slice(1 - MADE_MAX), { before, after, messages }]
    return messages
  }
}
