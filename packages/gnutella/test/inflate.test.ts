import { constants, deflateSync } from 'node:zlib'
import { ProtocolError } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflate } from '../src/inflate.ts'

const reasonOf = (stream: Uint8Array, bytesMax: number): string => {
  try {
    return `${inflate(stream, bytesMax).length} bytes`
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

describe('inflate', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 3000 }),
    fc.array(fc.constantFrom(0, 0, 0, 0, 0xa0, 0x0a), { maxLength: 3000 }).map((drawn) => Uint8Array.from(drawn)),
    fc
      .tuple(fc.uint8Array({ maxLength: 50 }), fc.nat(300))
      .map(([run, times]) => Uint8Array.from({ length: run.length * times }, (_, i) => run[i % run.length] as number))
  )
  const ways = fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    strategy: fc.constantFrom(
      constants.Z_DEFAULT_STRATEGY,
      constants.Z_FIXED,
      constants.Z_HUFFMAN_ONLY,
      constants.Z_RLE
    ),
    memLevel: fc.integer({ min: 1, max: 9 }),
  })

  it('gives back what zlib has packed, in every way that it has', () => {
    forAll(
      fc.tuple(bytes, ways),
      ([plain, way]) => {
        const packed = new Uint8Array(deflateSync(plain, way))
        expect(Buffer.compare(inflate(packed, plain.length), plain)).toBe(0)
        if (plain.length > 0) expect(reasonOf(packed, plain.length - 1)).toBe('too-large')
      },
      { seed: 1, runs: 400 }
    )
  })

  it('reads what is longer than its buffer at first', () => {
    const plain = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7)
    expect(Buffer.compare(inflate(new Uint8Array(deflateSync(plain)), 300_000), plain)).toBe(0)
  })

  it('stops at the byte that is too many', () => {
    const bomb = new Uint8Array(deflateSync(new Uint8Array(64_000_000)))
    expect(bomb.length).toBeLessThan(70_000)
    // In full these would be 128 GB.
    for (let i = 0; i < 2000; i++) expect(reasonOf(bomb, 32_768)).toBe('too-large')
  })

  it('refuses a stream that ends early, goes on, or has a byte changed in its checksum', () => {
    const packed = new Uint8Array(deflateSync(Buffer.from('hello gnutella world, hello gnutella world')))
    for (let end = 0; end < packed.length; end++) expect(reasonOf(packed.subarray(0, end), 100)).toBe('bad-zlib')
    expect(reasonOf(Uint8Array.from([...packed, 0]), 100)).toBe('bad-zlib')
    for (let at = packed.length - 4; at < packed.length; at++) {
      expect(reasonOf(packed.with(at, (packed[at] as number) ^ 1), 100)).toBe('bad-zlib')
    }
  })

  it('takes any bytes', () => {
    forAll(
      fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.boolean()),
      ([drawn, hasHeader]) => {
        const stream = hasHeader ? Uint8Array.from([0x78, 0x9c, ...drawn]) : drawn
        expect(reasonOf(stream, 1000)).toMatch(/^(bad-zlib|too-large|\d+ bytes)$/)
      },
      { seed: 2, runs: 20_000 }
    )
  })
})
