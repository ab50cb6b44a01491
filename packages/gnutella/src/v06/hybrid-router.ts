import type { Host, Peer } from '@servent/machine'
import type { DropReason } from '../drops.ts'
import type { GnutellaEvent } from '../events.ts'
import type { Message, QrpPatch, QrpReset } from '../messages.ts'
import { admits, spend, UP } from '../neighbor.ts'
import type { HybridConfig } from './config.ts'
import { HybridHandshake } from './hybrid-handshake.ts'
import { type HybridLink, LEAF, ULTRAPEER } from './link.ts'
import { QueryRouteTable } from './query-route-table.ts'
import { RouteTables } from './route-tables.ts'
import { TableReceiver } from './table-receiver.ts'

/** Time to tell neighbors of our query route table. */
const TIMER_TABLES = 4

/** Ours: what comes within a second makes one table. */
const TABLES_DELAY_MS = 1000

/**
 * Query routing: which words can be asked for at which neighbor, by the tables that it sends, and what we send in turn.
 *
 * 1. A leaf tells its ultrapeers what it shares, an ultrapeer tells other ultrapeers that and what its leaves share.
 * 2. A neighbor gets a first table soon after its link is up, and a patch when something has changed; never more than one in
 *    `tableIntervalMs`.
 * 3. A table that breaks the rules, or more of them than an honest neighbor sends, end the link: what follows would be the
 *    difference to a table we do not have.
 */
export abstract class HybridRouter extends HybridHandshake {
  readonly #tables: RouteTables
  /** When the timer for tables is due; undefined if none is set. */
  #tablesAt: number | undefined = undefined

  constructor(host: Host<Message, GnutellaEvent>, config: Readonly<HybridConfig>) {
    super(host, config)
    this.#tables = new RouteTables(config)
  }

  /** Share of slots that are set in the table we tell, 0 to 1. */
  get tableFill(): number {
    return this.#table().fill
  }

  override onTimer(timer: number, arg: number): void {
    if (timer !== TIMER_TABLES) super.onTimer(timer, arg)
    else if (this.isRunning) this.#onTablesDue(this.now())
  }

  override onPeerDisconnected(peer: Peer): void {
    const isLeaf = this.find(peer)?.kind === LEAF
    super.onPeerDisconnected(peer)
    if (isLeaf) this.#leavesChanged()
  }

  protected override onLinkUp(link: HybridLink): void {
    if (link.kind === ULTRAPEER) this.#scheduleTables(this.isUltrapeer ? TABLES_DELAY_MS : 0)
  }

  protected override maintain(now: number): void {
    super.maintain(now)
    if (!this.#tables.isOutdated) return
    this.#tables.forgetMerged()
    this.#scheduleTables(0)
  }

  protected onTable(link: HybridLink, message: QrpReset | QrpPatch): DropReason | undefined {
    const { tablesInIntervalMs, tablesInBurst, tableFillMax } = this.config
    const now = this.now()
    const isNew = message.type === 'QrpReset' || message.sequence === 1
    if (isNew && !admits(link.tablesIn, now, tablesInIntervalMs, tablesInBurst)) {
      this.punish(link, 'flooding')
      return 'table-limit'
    }
    if (isNew) link.tablesIn = spend(link.tablesIn, now, tablesInIntervalMs)
    link.receiver ??= new TableReceiver()
    const result = message.type === 'QrpReset' ? link.receiver.onReset(message) : link.receiver.onPatch(message)
    if (result === 'pending') return undefined
    if (!(result instanceof QueryRouteTable)) {
      this.punish(link, 'bad-table')
      return result
    }
    const isClaimingAll = result.fill > tableFillMax
    const isFirst = link.table === undefined
    link.table = isClaimingAll ? undefined : result
    if (link.kind === LEAF) {
      this.#leavesChanged()
      if (isFirst && !isClaimingAll) this.onLeafTold(link)
    }
    return isClaimingAll ? 'table-too-full' : undefined
  }

  /** A leaf can be asked from now on. */
  protected abstract onLeafTold(leaf: HybridLink): void

  #leavesChanged(): void {
    this.#tables.forgetMerged()
    if (this.isUltrapeer) this.#scheduleTables(TABLES_DELAY_MS)
  }

  #scheduleTables(delayMs: number): void {
    const at = this.now() + delayMs
    if (this.#tablesAt !== undefined && this.#tablesAt <= at) return
    this.#tablesAt = at
    this.host.setTimer(TIMER_TABLES, delayMs)
  }

  #onTablesDue(now: number): void {
    if (this.#tablesAt === undefined || now < this.#tablesAt) return
    this.#tablesAt = undefined
    const { tableIntervalMs, leafTableIntervalMs } = this.config
    const intervalMs = this.isUltrapeer ? tableIntervalMs : leafTableIntervalMs
    let next = Number.POSITIVE_INFINITY
    for (const link of this.links) {
      if (link.kind !== ULTRAPEER || link.state !== UP || !this.#tells(link)) continue
      const dueAt = link.tableSent === undefined ? now : link.tableSentAt + intervalMs
      if (dueAt <= now) this.#sendTable(link, now)
      else if (link.tableSent !== this.#table()) next = Math.min(next, dueAt)
    }
    if (next < Number.POSITIVE_INFINITY) this.#scheduleTables(next - now)
  }

  #tells({ hello }: HybridLink): boolean {
    return this.isUltrapeer ? hello.routesUltrapeerQueries : hello.routesQueries
  }

  #table(): QueryRouteTable {
    return this.isUltrapeer ? this.#tables.merged(this.links) : this.#tables.own()
  }

  #sendTable(link: HybridLink, now: number): void {
    const table = this.#table()
    if (link.tableSent === table) return
    const messages = this.#tables.messagesFor(link.tableSent, table, () => this.newId())
    link.tableSent = table
    link.tableSentAt = now
    for (const message of messages) this.host.send(link.peer, message)
  }
}
