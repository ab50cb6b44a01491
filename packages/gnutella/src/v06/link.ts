import type { ServentId } from '../guid.ts'
import { Neighbor } from '../neighbor.ts'
import { type Hello, PLAIN_HELLO } from './hello.ts'
import type { QueryRouteTable } from './query-route-table.ts'
import type { TableReceiver } from './table-receiver.ts'

/** What the other end of a link is to us: a servent of 0.4 or without roles, a leaf of ours, an ultrapeer. */
export const PLAIN = 0
export const LEAF = 1
export const ULTRAPEER = 2

export type LinkKind = 0 | 1 | 2

/** A query with any number of hops may be sent. */
export const HOPS_ALL = 255

/** A connection between servents of which at least we speak 0.6. */
export class HybridLink extends Neighbor {
  kind: LinkKind = PLAIN
  /** Whether we dial it to deliver something, and not to be neighbors. */
  isVisit = false
  /** What it said of itself. Shared: thousands of simulated links have one. */
  hello: Hello = PLAIN_HELLO
  /** What it has, by its own account: undefined until its first table is whole, or if the table claims too much. */
  table: QueryRouteTable | undefined = undefined
  /** Puts its tables together; undefined before its first RESET. */
  receiver: TableReceiver | undefined = undefined
  /** The table of ours that it has, and when we sent it. */
  tableSent: QueryRouteTable | undefined = undefined
  tableSentAt = 0
  /** Token bucket of its RESETs and patches. */
  tablesIn = 0
  /** Queries with this many hops or more it does not want: BEAR/4. */
  hopsMax = HOPS_ALL
  /** Until when we have told it to ask nothing; 0 if we have not. */
  quietUntil = 0
  /** Leaves that it had room for when it last said so. */
  leafRoom = 0
  /** Code and text of its Bye. */
  bye: { readonly code: number; readonly text: string } | undefined = undefined
  /** Pongs that pings of ours may still bring. */
  pongsDue = 0
  /** Dynamic queries that we run for it. */
  searchCount = 0
  /** Vendor messages that it understands: the bits of `vendor.ts`. */
  vendorMessages = 0
  /** Whether it hands pushes on to us. */
  isPushProxy = false
  /** Whose pushes we hand on to it: its servent id, if it asked us to. */
  proxyFor: ServentId | undefined = undefined
}
