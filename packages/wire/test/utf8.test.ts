import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { utf8Decode, utf8Encode, utf8Size } from '../src/index.ts'

const platform = { encode: new TextEncoder(), decode: new TextDecoder('utf-8', { ignoreBOM: true }) }

/** Any UTF-16, lone surrogates among it. */
const units = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes))
const texts = fc.oneof(fc.string({ unit: 'binary' }), units)

/** Bytes that are nearly UTF-8: leads and continuations in the wrong company. */
const almost = fc.array(
  fc.constantFrom(
    0x00,
    0x41,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xdf,
    0xe0,
    0xa0,
    0x9f,
    0xed,
    0xef,
    0xf0,
    0x90,
    0x8f,
    0xf4,
    0xf5,
    0xff
  ),
  { maxLength: 12 }
)

describe('UTF-8', () => {
  it('is written as the platform writes it', () => {
    forAll(texts, (text) => expect([...utf8Encode(text)]).toEqual([...platform.encode.encode(text)]), { runs: 2000 })
  })

  it('is as long as it was said to be', () => {
    forAll(texts, (text) => expect(utf8Size(text)).toBe(utf8Encode(text).length), { runs: 2000 })
  })

  it('is read as it was written', () => {
    forAll(texts, (text) => expect(utf8Decode(utf8Encode(text))).toBe(text.toWellFormed()), { runs: 2000 })
  })

  it('is read as the platform reads it when it is well-formed', () => {
    forAll(
      texts,
      (text) => {
        const bytes = platform.encode.encode(text)
        expect(utf8Decode(bytes)).toBe(platform.decode.decode(bytes))
      },
      { runs: 2000 }
    )
  })

  it('gives well-formed text for any bytes, and the same letters as the platform', () => {
    const letters = (text: string) => text.replaceAll('\ufffd', '')
    forAll(
      fc.oneof(
        fc.uint8Array(),
        almost.map((bytes) => Uint8Array.from(bytes))
      ),
      (bytes) => {
        const text = utf8Decode(bytes)
        expect(text.isWellFormed()).toBe(true)
        expect(text.length).toBeLessThanOrEqual(bytes.length)
        expect(letters(text)).toBe(letters(platform.decode.decode(bytes)))
      },
      { runs: 3000 }
    )
  })

  it('refuses overlong forms, surrogates and what lies beyond Unicode', () => {
    const malformed = [[0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf8], [0xc3]]
    for (const bytes of malformed) expect(utf8Decode(Uint8Array.from(bytes))).toBe('\ufffd'.repeat(bytes.length))
  })

  it('keeps a byte order mark, for it is part of a name', () => {
    expect(utf8Decode(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })
})
