import type { RecordRefusal } from '@servent/records'

/** Why something that came was not acted on, by name: the counters of `drops`. Refused records count by their refusal. */
export type DropReason =
  // What was wrong with a routed message.
  | 'forged-path'
  | 'forged-join'
  | 'wrong-key'
  | 'too-many-hops'
  | 'routing-loop'
  | 'duplicate'
  | 'not-joined'
  | 'too-many-routes'
  // What came without being asked for.
  | 'unasked-ack'
  | 'unasked-answer'
  | 'unasked-state'
  | 'unasked-row'
  | 'unasked-receipt'
  | 'unasked-records'
  // What claimed too much.
  | 'path-of-another'
  | 'bad-row'
  | 'not-a-neighbor'
  // What there was no room for.
  | 'too-many-probes'
  | 'too-many-rounds'
  | RecordRefusal

/** How often each reason applied; a reason that never did is not there. */
export type Drops = Readonly<Partial<Record<DropReason, number>>>
