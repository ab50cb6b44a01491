import type { RecordRefusal } from '@servent/records'

/** Why something that came was dropped. */
export type DropReason =
  /** A reality that there is not, or more peers on the way than are written down. */
  | 'malformed-route'
  | 'too-many-hops'
  /** It has been here. */
  | 'routing-loop'
  /** We own nothing: we have not joined yet, or have left. */
  | 'no-member'
  /** As many routes wait as may. */
  | 'too-busy'
  /** A join to a place that is not the joiner's. */
  | 'false-place'
  /** A zone of another torus, or zones that overlap each other. */
  | 'bad-claim'
  /** More zones or neighbors than anybody has. */
  | 'too-many-claims'
  | 'too-many-neighbors'
  /** A zone from somebody who does not own it, or that we did not ask for. */
  | 'unexpected-grant'
  | 'zone-too-small'
  /** An answer, an acknowledgement or a volunteer that nobody waits for. */
  | 'unexpected-answer'
  | 'unexpected-ack'
  | 'unexpected-volunteer'
  | 'unexpected-pong'
  | 'too-many-reassigns'
  /** A record in an answer that is not what was asked for, or is no good. */
  | 'bad-record'
  | 'not-responsible'
  | RecordRefusal
