/** What an entry of the calendar is, and what its two further words are. The node is the one that it happens to. */
export const EventKind = {
  /** A message arrives: from whom, on which connection (its serial). The payload is the message. */
  Message: 0,
  /** A timer is due: which one, of which incarnation of the node. The payload is its argument. */
  Timer: 1,
  /** An opening is over: to whom, which connection. */
  Opened: 2,
  /** The other end is closed, or was found to be dead: whose, which connection. */
  Closed: 3,
  /** The answer to a `connect` for a connection that was there: to whom, which connection. */
  AlreadyOpen: 4,
  /** A node is told that a peer is gone: which incarnation of it. The payload is the peer, which may be no node at all. */
  Disconnected: 5,
  /** Something the experiment does. The payload is the function. */
  Action: 6,
} as const
