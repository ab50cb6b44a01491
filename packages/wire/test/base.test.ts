import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  base32Decode,
  base32Encode,
  base32Length,
  base64urlDecode,
  base64urlEncode,
  base64urlLength,
} from '../src/index.ts'

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text))

describe('base32', () => {
  it('is that of RFC 4648 §10, in lower case and without padding', () => {
    const vectors = {
      '': '',
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    }
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(base32Encode(bytesOf(text))).toBe(encoded)
      expect(base32Decode(encoded)).toEqual(bytesOf(text))
      expect(base32Decode(encoded.toUpperCase())).toEqual(bytesOf(text))
    }
  })

  it('refuses what no bytes give', () => {
    for (const text of ['m', 'mz=', 'm1', 'mé', 'mzx', 'mz', 'mzxw6y']) expect(base32Decode(text)).toBeUndefined()
  })

  it('gives any bytes back, of the length foretold', () => {
    forAll(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(base32Encode(bytes)).toHaveLength(base32Length(bytes.length))
      expect(base32Decode(base32Encode(bytes))).toEqual(bytes)
    })
  })
})

describe('base64url', () => {
  it('is that of RFC 4648 §10, without padding', () => {
    const vectors = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' }
    for (const [text, encoded] of Object.entries(vectors)) {
      expect(base64urlEncode(bytesOf(text))).toBe(encoded)
      expect(base64urlDecode(encoded)).toEqual(bytesOf(text))
    }
    expect(base64urlEncode(Uint8Array.of(0xfb, 0xff))).toBe('-_8')
  })

  it('refuses what no bytes give', () => {
    for (const text of ['Z', 'Zg=', 'Z+8', 'Zé', 'Zh', 'Zm9', 'Zm9vY']) expect(base64urlDecode(text)).toBeUndefined()
  })

  it('gives any bytes back, of the length foretold', () => {
    forAll(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(base64urlEncode(bytes)).toHaveLength(base64urlLength(bytes.length))
      expect(base64urlEncode(bytes)).toBe(Buffer.from(bytes).toString('base64url'))
      expect(base64urlDecode(base64urlEncode(bytes))).toEqual(bytes)
    })
  })
})
