import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflate } from '../src/inflate.ts'
import { deflateSparse } from '../src/sparse-deflate.ts'

/** Bytes that are zero but for some. */
const sparse = fc
  .tuple(fc.nat(5000), fc.array(fc.tuple(fc.nat(4999), fc.nat(255)), { maxLength: 200 }))
  .map(([length, set]) => {
    const bytes = new Uint8Array(length)
    for (const [at, byte] of set) if (at < length) bytes[at] = byte
    return bytes
  })

describe('a stream of bytes that are nearly all zero', () => {
  it('is read as what it was made of, by zlib and by us', () => {
    fc.assert(
      fc.property(sparse, (bytes) => {
        const stream = deflateSparse(bytes)
        expect(new Uint8Array(inflateSync(stream))).toEqual(bytes)
        expect(inflate(stream, bytes.length)).toEqual(bytes)
      }),
      { seed: 1, numRuns: 300 }
    )
  })

  it('holds runs of any length, and every byte', () => {
    for (let run = 0; run < 600; run++) {
      const bytes = new Uint8Array(run + 1)
      bytes[run] = run & 0xff
      expect(new Uint8Array(inflateSync(deflateSparse(bytes)))).toEqual(bytes)
    }
  })

  it('is some hundred bytes for a table of some hundred words', () => {
    const bytes = new Uint8Array(32_768)
    for (let i = 0; i < 100; i++) bytes[(i * 7919) % bytes.length] = i % 2 === 0 ? 0x0a : 0xa0
    expect(deflateSparse(bytes).length).toBeLessThan(700)
    expect(deflateSparse(new Uint8Array(32_768)).length).toBeLessThan(220)
  })
})
