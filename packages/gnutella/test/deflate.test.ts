import { constants, deflateSync, inflateSync } from 'node:zlib'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deflateRuns } from '../src/deflate.ts'
import { inflate } from '../src/inflate.ts'

/** A table's worth of zeros with something in so many places. */
function sparse(count: number): Uint8Array {
  const bytes = new Uint8Array(32_768)
  let state = 1
  for (let i = 0; i < count; i++) {
    // Xorshift (Marsaglia): what follows from what was before would repeat, as no table does.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[state >>> 17] = state & 1 ? 0xa0 : 0x0a
  }
  return bytes
}

describe('deflate of runs', () => {
  const runs = fc
    .array(fc.tuple(fc.nat(255), fc.oneof(fc.nat(6), fc.nat(700))), { maxLength: 60 })
    .map((drawn) => Uint8Array.from(drawn.flatMap(([byte, length]) => new Array<number>(length).fill(byte))))

  it('is read by zlib, and by ourselves', () => {
    forAll(fc.oneof(runs, fc.uint8Array({ maxLength: 4000 })), (plain) => {
      const stream = deflateRuns(plain)
      expect(Buffer.compare(inflateSync(stream), plain)).toBe(0)
      expect(Buffer.compare(inflate(stream, plain.length), plain)).toBe(0)
    })
  })

  it('holds runs of any length, and every byte', () => {
    for (let run = 0; run < 600; run++) {
      const plain = new Uint8Array(run + 1)
      plain[run] = run & 0xff
      expect(new Uint8Array(inflateSync(deflateRuns(plain)))).toEqual(plain)
    }
  })

  it('has no code of more than 15 bits, though bytes be as rare as they can', () => {
    // How often each byte occurs are Fibonacci's numbers: the deepest tree there is for so many bytes.
    const plain: number[] = []
    for (let [byte, a, b] = [0, 1, 1]; plain.length < 60_000; [byte, a, b] = [byte + 1, b, a + b]) {
      for (let i = 0; i < a; i++) plain.push(byte)
    }
    // No two of the same side by side, as far as that goes.
    const mixed = Uint8Array.from(plain, (_, i) => plain[(i * 7919) % plain.length] as number)
    expect(Buffer.compare(inflateSync(deflateRuns(mixed)), mixed)).toBe(0)
  })

  it.each([0, 1, 30, 100, 300, 1000, 10_000])('takes no more than zlib does for a table with %i entries', (count) => {
    const plain = sparse(count)
    const ours = deflateRuns(plain).length
    expect(ours).toBeLessThanOrEqual(deflateSync(plain, { strategy: constants.Z_RLE }).length + 8)
    expect(ours).toBeLessThanOrEqual(deflateSync(plain).length + 8)
  })
})
