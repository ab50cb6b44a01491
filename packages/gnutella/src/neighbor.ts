import type { Peer } from '@servent/machine'
import type { NeighborDownReason } from './events.ts'

/*
 * Where a neighbor stands. We dial it:  DIALING -> CONNECTING (Connect sent) -> UP. It dials us:  ACCEPTING -> UP.
 * CLOSING once we have hung up, until the host says that it is done. GUEST: it dialed us, and we have neighbors enough;
 * its ping is answered with hosts that may have room, as the host caches of the time did, and then we hang up.
 * In 0.6, which shakes hands in three steps, we who were dialed have agreed and wait for the last:
 * ACCEPTING -> CONFIRMING -> UP.
 */
export const DIALING = 0
export const CONNECTING = 1
export const ACCEPTING = 2
export const UP = 3
export const CLOSING = 4
export const GUEST = 5
export const CONFIRMING = 6

export type NeighborState = 0 | 1 | 2 | 3 | 4 | 5 | 6

/**
 * One connection, being made, standing or ending. A record of small numbers, for a simulation holds millions of them.
 *
 * Each token bucket is one number: when it will be full again (the generic cell rate algorithm of ITU-T I.371, see
 * {@link admits} and {@link spend}).
 */
export class Neighbor {
  readonly peer: Peer
  state: NeighborState
  // What a flood reads of each neighbor comes first: it fits into one line of cache.
  /** When anything but a duplicate came from it. */
  heardAt: number
  /** Pings sent since then. */
  pingsUnanswered = 0
  /** What came from it that was no duplicate. */
  receivedCount = 0
  queriesOut = 0
  queriesIn = 0
  /** Whether it was a neighbor: then the application is told when it is one no longer. */
  wasUp = false
  /** Why we hung up; undefined while we have not. */
  reason: NeighborDownReason | undefined = undefined
  /** When it came into this state. */
  since: number
  /** Duplicates of what it sent itself. */
  repeatCount = 0
  malformedCount = 0
  pingsIn = 0
  pingsOut = 0
  pongsIn = 0
  hitsIn = 0
  pushesIn = 0
  excess = 0

  constructor(peer: Peer, state: NeighborState, now: number) {
    this.peer = peer
    this.state = state
    this.since = now
    this.heardAt = now
  }
}

/** Whether a bucket has a token. */
export function admits(fullAt: number, now: number, intervalMs: number, burst: number): boolean {
  return fullAt - now <= intervalMs * (burst - 1)
}

/** A bucket after one token is taken from it. */
export function spend(fullAt: number, now: number, intervalMs: number): number {
  return Math.max(fullAt, now) + intervalMs
}
