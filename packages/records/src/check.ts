import { keysEqual } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import { utf8Size } from '@servent/wire'
import { NAME_BYTES_MAX, type RecordLimits } from './limits.ts'
import type { OverlayRecord, SignedValue } from './record.ts'
import type { RecordRefusal } from './refusals.ts'
import { hasGoodSignature, keyOfSigned, keyOfValue, SEQUENCE_MAX } from './values.ts'

/**
 * Why a record must not be kept, or undefined. What costs least is looked at first; a signature, which costs about a
 * millisecond, last.
 *
 * @param from - the peer that handed it to us
 */
export function checkRecord(record: OverlayRecord, from: Peer, limits: RecordLimits): RecordRefusal | undefined {
  if (!(record.ttlMs > 0)) return 'expired'
  if (record.ttlMs > limits.ttlMsMax) return 'expiry-too-far'
  if (record.type === 'provider') return record.peer === from ? undefined : 'not-the-provider'
  if (record.value.length > limits.valueBytesMax) return 'value-too-long'
  if (record.type === 'hashed-value') return keysEqual(record.key, keyOfValue(record.value)) ? undefined : 'bad-hash'
  return checkSigned(record)
}

function checkSigned(record: SignedValue): RecordRefusal | undefined {
  const { sequence, name, publicKey, key } = record
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > SEQUENCE_MAX) return 'bad-sequence'
  if (utf8Size(name) > NAME_BYTES_MAX) return 'name-too-long'
  if (!keysEqual(key, keyOfSigned(publicKey, name))) return 'wrong-owner'
  return hasGoodSignature(record) ? undefined : 'bad-signature'
}
