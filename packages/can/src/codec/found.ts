import { type PeerCodec, ProtocolError } from '@servent/machine'
import {
  asValue,
  type ProviderRecord,
  readRecordList,
  recordListBytes,
  type ValueRecord,
  writeRecordList,
} from '@servent/records'
import type { Reader, Writer } from '@servent/wire'

/** What is kept under a key: values records, providers records. */
interface Found {
  readonly values: readonly ValueRecord[]
  readonly providers: readonly ProviderRecord[]
}

export function foundSize({ values, providers }: Found, peers: PeerCodec): number {
  return recordListBytes(values, peers) + recordListBytes(providers, peers)
}

export function writeFound(writer: Writer, { values, providers }: Found, peers: PeerCodec): void {
  writeRecordList(writer, values, peers)
  writeRecordList(writer, providers, peers)
}

/** @throws ProtocolError('no-value' | 'no-provider') if one is among the others */
export function readFound(reader: Reader, peers: PeerCodec): Found {
  const values = readRecordList(reader, peers).map(asValue)
  return { values, providers: readProviders(reader, peers) }
}

function readProviders(reader: Reader, peers: PeerCodec): ProviderRecord[] {
  return readRecordList(reader, peers).map((record) => {
    if (record.type !== 'provider') throw new ProtocolError('no-provider')
    return record
  })
}
