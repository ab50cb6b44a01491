import type { Message } from './messages.ts'

/*
 * RFC-Gnutella 0.6 §3.1: "Push > QueryHit > Pong > Query > Ping"; of broadcasts those with fewer hops are kept, for they
 * have most of their way before them, of replies those with more, for most has been spent on them.
 */

/** Broadcasts and replies are told apart by this many hops; what has come further counts as this. */
const HOPS_MAX = 4

/** One kind above another: more than the hops make. */
const KIND = HOPS_MAX + 1

/** Without its handshake nothing works at all, and "PATCH messages must never be dropped" (QRP, note 8). */
const KEPT = 5 * KIND

/**
 * How long a message is kept for a neighbor that reads too slowly: the higher, the longer. Whole numbers from 0 to 25: an
 * outbox has a queue for each.
 */
export function dropPriority(message: Message): number {
  switch (message.type) {
    case 'Unknown':
    case 'VendorMessage':
      return 0
    case 'Ping':
      return HOPS_MAX - hopsOf(message)
    case 'Query':
      return KIND + HOPS_MAX - hopsOf(message)
    case 'Pong':
      return 2 * KIND + hopsOf(message)
    case 'QueryHit':
      return 3 * KIND + hopsOf(message)
    case 'Push':
      return 4 * KIND + hopsOf(message)
    default:
      return KEPT
  }
}

function hopsOf({ hops }: { readonly hops: number }): number {
  return Math.min(hops, HOPS_MAX)
}
