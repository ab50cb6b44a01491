/** Why something that came was not acted on, by name: the counters of `drops`. */
export const DROP_REASONS = [
  // What the bytes were.
  'unknown-command',
  'unparsable',
  // What it was, and from whom.
  'unexpected-message',
  'not-logged-in',
  'already-logged-in',
  'invalid-nick',
  'login-timeout',
  'login-refused',
  // How much of it there was.
  'message-limit',
  'search-limit',
  'song-limit',
  'users-full',
  'user-songs-full',
  'index-full',
  'upload-requests-full',
  // What it was about.
  'duplicate-song',
  'bad-name',
  'unknown-song',
  'unknown-user',
  'not-firewalled',
  'unknown-request',
  'request-expired',
  // What an index claimed.
  'unmatched-result',
  'forged-nick',
  'own-result',
  'too-many-results',
  'result-without-search',
] as const

export type DropReason = (typeof DROP_REASONS)[number]

/** How often each reason applied; a reason that never did is not there. */
export type Drops = Readonly<Partial<Record<DropReason, number>>>

/** Counts drops. */
export class DropCounter {
  readonly counts: Partial<Record<DropReason, number>> = {}

  add(reason: DropReason): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + 1
  }
}
