/**
 * What structured overlays store and what they are asked: records that are checked before they are kept, a bounded
 * {@link RecordStore}, their bytes, and the verbs and events that Pastry, Chord and CAN have in common.
 *
 * @packageDocumentation
 */
export type {
  FailureReason,
  FindDone,
  GetDone,
  LookupDone,
  ProviderFound,
  PutDone,
  RequestId,
  StructuredEvent,
} from './events.ts'
export {
  type HashedValue,
  isProvider,
  type OverlayRecord,
  type ProviderRecord,
  type SignedValue,
  type ValueRecord,
  withTtl,
} from './record.ts'
export { RECORD_REFUSALS, type RecordRefusal } from './refusals.ts'
export type { StructuredMachine } from './structured-machine.ts'
