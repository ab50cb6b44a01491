import { toPeer } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import { utf8Encode } from '@servent/wire'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkRecord,
  hashedValue,
  keyOfContent,
  keyOfSigned,
  type OverlayRecord,
  type ProviderRecord,
  RECORD_LIMITS,
  signValue,
} from '../src/index.ts'

const secretKey = new Uint8Array(32).fill(7)
const minute = 60_000
const alice = toPeer(1)
const mallory = toPeer(2)

function signed(sequence: number, text = 'hello') {
  return signValue(secretKey, { name: 'profile', sequence, value: utf8Encode(text), ttlMs: minute })
}

function check(record: OverlayRecord, from = alice) {
  return checkRecord(record, from, RECORD_LIMITS)
}

describe('a record', () => {
  it('is kept if it proves itself', () => {
    expect(check(hashedValue(utf8Encode('hello'), minute))).toBeUndefined()
    expect(check(signed(1))).toBeUndefined()
    expect(check({ type: 'provider', key: keyOfContent(utf8Encode('x')), peer: alice, ttlMs: minute })).toBeUndefined()
  })

  it('under a hash of something else is refused', () => {
    const record = hashedValue(utf8Encode('hello'), minute)
    expect(check({ ...record, value: utf8Encode('hallo') })).toBe('bad-hash')
    expect(check({ ...record, key: keyOfContent(utf8Encode('x')) })).toBe('bad-hash')
  })

  it('of an owner that did not sign it is refused', () => {
    const record = signed(1)
    const other = signValue(new Uint8Array(32).fill(8), { ...record })
    expect(check({ ...other, key: record.key })).toBe('wrong-owner')
    expect(check({ ...record, publicKey: other.publicKey })).toBe('wrong-owner')
    expect(check({ ...record, key: keyOfSigned(other.publicKey, 'profile'), publicKey: other.publicKey })).toBe(
      'bad-signature'
    )
    expect(check({ ...record, name: 'another', key: keyOfSigned(record.publicKey, 'another') })).toBe('bad-signature')
  })

  it('of which one bit was changed is refused, whichever it is', () => {
    const record = signed(5)
    const refused = ([byte, bit]: [number, number]) => {
      const signature = record.signature.slice()
      signature[byte] = (signature[byte] as number) ^ (1 << bit)
      expect(check({ ...record, signature })).toBe('bad-signature')
    }
    forAll(fc.tuple(fc.nat(63), fc.nat(7)), refused, { runs: 20 })
    expect(check({ ...record, sequence: 6 })).toBe('bad-signature')
    expect(check({ ...record, value: utf8Encode('hallo') })).toBe('bad-signature')
  })

  it('with a key or a signature of the wrong length is refused, not thrown at', () => {
    const record = signed(1)
    const publicKey = record.publicKey.slice(0, 31)
    expect(check({ ...record, publicKey, key: keyOfSigned(publicKey, 'profile') })).toBe('bad-signature')
    expect(check({ ...record, signature: new Uint8Array(63) })).toBe('bad-signature')
    const zeros = new Uint8Array(32).fill(0xff)
    expect(check({ ...record, publicKey: zeros, key: keyOfSigned(zeros, 'profile') })).toBe('bad-signature')
  })

  it('that wants to live for ever, or has no life left, is refused', () => {
    const record = hashedValue(utf8Encode('hello'), RECORD_LIMITS.ttlMsMax + 1)
    expect(check(record)).toBe('expiry-too-far')
    expect(check({ ...record, ttlMs: 0 })).toBe('expired')
    expect(check({ ...record, ttlMs: Number.NaN })).toBe('expired')
  })

  it('that is too long is refused', () => {
    expect(check(hashedValue(new Uint8Array(RECORD_LIMITS.valueBytesMax + 1), minute))).toBe('value-too-long')
    const name = 'x'.repeat(65)
    expect(check(signValue(secretKey, { name, sequence: 1, value: utf8Encode(''), ttlMs: minute }))).toBe(
      'name-too-long'
    )
    expect(check({ ...signed(1), sequence: 2 ** 48 })).toBe('bad-sequence')
    expect(check({ ...signed(1), sequence: 1.5 })).toBe('bad-sequence')
  })

  it('that says somebody else provides is refused', () => {
    const record: ProviderRecord = { type: 'provider', key: keyOfContent(utf8Encode('x')), peer: alice, ttlMs: minute }
    expect(check(record, mallory)).toBe('not-the-provider')
  })
})
