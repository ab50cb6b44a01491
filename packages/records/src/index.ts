/**
 * What structured overlays store and what they are asked: records that are checked before they are kept, a bounded
 * {@link RecordStore}, their bytes, and the verbs and events that Pastry, Chord and CAN have in common.
 *
 * @packageDocumentation
 */
export { checkRecord } from './check.ts'
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
  asValue,
  LIST_MAX,
  peerBytes,
  peerListBytes,
  readFlag,
  readKey,
  readPeer,
  readPeerList,
  readRecord,
  readRecordList,
  readRefusal,
  recordBytes,
  recordListBytes,
  writeFlag,
  writeKey,
  writePeer,
  writePeerList,
  writeRecord,
  writeRecordList,
  writeRefusal,
} from './fields.ts'
export { NAME_BYTES_MAX, RECORD_LIMITS, type RecordLimits } from './limits.ts'
export {
  type HashedValue,
  isProvider,
  type OverlayRecord,
  type ProviderRecord,
  type SignedValue,
  type ValueRecord,
  withTtl,
} from './record.ts'
export { RecordCache } from './record-cache.ts'
export { nameOf, RecordStore } from './record-store.ts'
export { RECORD_REFUSALS, type RecordRefusal } from './refusals.ts'
export type { StructuredMachine } from './structured-machine.ts'
export {
  hashedValue,
  keyOfContent,
  keyOfSigned,
  keyOfValue,
  PUBLIC_KEY_BYTES,
  SEQUENCE_MAX,
  SIGNATURE_BYTES,
  signValue,
  type Unsigned,
} from './values.ts'
