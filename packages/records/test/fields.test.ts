import { keyFromBytes } from '@servent/keyspace'
import { type PeerCodec, ProtocolError, toPeer } from '@servent/machine'
import { forAll, testPeerCodec } from '@servent/machine/testing'
import { Reader, utf8Size, Writer } from '@servent/wire'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type OverlayRecord,
  peerListBytes,
  readKey,
  readPeerList,
  readRecordList,
  recordListBytes,
  writeKey,
  writePeerList,
  writeRecordList,
} from '../src/index.ts'

const peers: PeerCodec = testPeerCodec

const keys = fc.uint8Array({ minLength: 20, maxLength: 20 }).map(keyFromBytes)
const nodes = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(toPeer)
const values = fc.uint8Array({ maxLength: 50 })
const ttls = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const names = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((name) => utf8Size(name) <= 64)
const records: fc.Arbitrary<OverlayRecord> = fc.oneof(
  fc.record({ type: fc.constant('hashed-value' as const), key: keys, value: values, ttlMs: ttls }),
  fc.record({ type: fc.constant('provider' as const), key: keys, peer: nodes, ttlMs: ttls }),
  fc.record({
    type: fc.constant('signed-value' as const),
    key: keys,
    value: values,
    publicKey: bytes(32),
    signature: bytes(64),
    sequence: fc.nat(2 ** 48 - 1),
    name: names,
    ttlMs: ttls,
  })
)

function write(list: readonly OverlayRecord[]): Uint8Array {
  const writer = new Writer(recordListBytes(list, peers))
  writeRecordList(writer, list, peers)
  return writer.finish()
}

describe('fields of messages', () => {
  it('are read as they were written, and as long as was said', () => {
    const drawn = fc.tuple(fc.array(records, { maxLength: 5 }), fc.array(nodes, { maxLength: 5 }), keys)
    forAll(drawn, ([list, named, key]) => {
      expect(readRecordList(new Reader(write(list)), peers)).toEqual(list)
      const writer = new Writer(peerListBytes(named, peers) + 20)
      writePeerList(writer, named, peers)
      writeKey(writer, key)
      const reader = new Reader(writer.finish())
      expect(readPeerList(reader, peers)).toEqual(named)
      expect(readKey(reader)).toEqual(key)
    })
  })

  it('are no longer than is allowed', () => {
    const writer = new Writer(peerListBytes([toPeer(1), toPeer(2)], peers))
    writePeerList(writer, [toPeer(1), toPeer(2)], peers)
    const written = writer.finish()
    expect(() => readPeerList(new Reader(written), peers, 1)).toThrow(ProtocolError)
  })

  it('give a record or a ProtocolError, whatever the bytes are', () => {
    const changed = fc
      .tuple(fc.array(records, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat(255))
      .map(([list, at, byte]) => {
        const written = write(list)
        written[at % written.length] = byte
        return written
      })
    const read = (any: Uint8Array) => {
      try {
        readRecordList(new Reader(any), peers, 16)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    }
    forAll(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), read, { runs: 20_000 })
  })
})
