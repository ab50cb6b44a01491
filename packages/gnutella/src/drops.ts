/**
 * Why something that came was not acted on, by name: the counters of `drops`. Words after gtk-gnutella's list of message
 * drop reasons (src/if/gen/msg_drop.c).
 */
export const DROP_REASONS = [
  // What the bytes were.
  'bad-size',
  'unknown-type',
  'query-too-short',
  'query-too-large',
  'query-without-nul',
  'malformed-sha1',
  'malformed-query-hit',
  'no-results',
  'improper-hops-ttl',
  // What a query route table was.
  'qrp-no-reset',
  'qrp-bad-length',
  'qrp-bad-infinity',
  'qrp-bad-entry-bits',
  'qrp-bad-compressor',
  'qrp-wrong-sequence',
  'qrp-changed-size',
  'qrp-overflow',
  'qrp-incomplete',
  'qrp-inflate',
  // Where it came from or was going.
  'bad-handshake',
  'duplicate',
  'ttl-expired',
  'hard-ttl-limit',
  'max-hop-count',
  'pong-without-ping',
  'hit-without-query',
  'route-lost',
  'hit-from-asker',
  'push-without-route',
  'empty-query',
  // How much of it there was.
  'ping-limit',
  'pong-limit',
  'query-limit',
  'hit-limit',
  'push-limit',
  'table-limit',
  'dynamic-query-limit',
  'table-too-full',
  'ping-out-limit',
  'query-out-limit',
  // What it claimed.
  'blank-servent-id',
  'own-servent-id',
  'forged-servent-id',
  'duplicate-result',
  'unmatched-result',
  'too-many-results',
  'forgotten-query',
  // Whom we do not want.
  'neighbors-full',
  'blocked',
  'discouraged',
] as const

export type DropReason = (typeof DROP_REASONS)[number]

/** How often each reason applied; a reason that never did is not there. */
export type Drops = Readonly<Partial<Record<DropReason, number>>>

export function isDropReason(reason: string): reason is DropReason {
  return (DROP_REASONS as readonly string[]).includes(reason)
}
