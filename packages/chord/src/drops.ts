/** Why something that came was not acted upon. */
export const DROP_REASONS = [
  /** The request has been here: it goes round in circles. */
  'routing-loop',
  /** It has been to more nodes than any request should. */
  'too-many-hops',
  /** The last node that the path names is not the one it came from. */
  'false-path',
  /** We have not found our own place yet. */
  'not-joined',
  /** The answer to a question that was not asked, or asked too long ago, or of somebody else. */
  'unasked',
  /** More is under way than may be. */
  'too-many-calls',
  /** Nobody is left to send a request to. */
  'no-way-on',
  /** A successor list that is not in the order of the ring, from there on. */
  'disordered-list',
  /** A node that we take for no neighbor says that it leaves. */
  'no-neighbor',
  /** A message for a node of ours that there is not. */
  'no-such-node',
  /** A record that may not be kept. */
  'refused-record',
] as const

export type DropReason = (typeof DROP_REASONS)[number]

/** How often something was dropped, by reason. */
export type Drops = Partial<Record<DropReason, number>>
