import { ProtocolError } from '@servent/machine'
import { forAll } from '@servent/machine/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteQueue, lengthPrefixed } from '../src/index.ts'

const framing = lengthPrefixed(1000)

function streamOf(messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((message) => [...framing.frame(message)]))
}

function cut(chunks: readonly Uint8Array[]): number[][] {
  const cutter = framing.cutter()
  return chunks.flatMap((chunk) => cutter.push(chunk)).map((frame) => [...frame])
}

describe('length-prefixed frames', () => {
  const messages = [new Uint8Array(0), Uint8Array.of(7), new Uint8Array(127).fill(1), new Uint8Array(300).fill(2)]
  const stream = streamOf(messages)
  const expected = messages.map((message) => [...message])

  it('come out as they went in, cut in two at every offset', () => {
    for (let at = 0; at <= stream.length; at++)
      expect(cut([stream.subarray(0, at), stream.subarray(at)])).toEqual(expected)
  })

  it('come out as they went in, byte by byte and all at once', () => {
    expect(cut([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
    expect(cut([stream])).toEqual(expected)
  })

  it('come out as they went in, in chunks of any length', () => {
    const chunked = fc.tuple(fc.array(fc.uint8Array({ maxLength: 200 })), fc.array(fc.integer({ min: 1, max: 90 })))
    forAll(chunked, ([drawn, lengths]) => {
      const bytes = streamOf(drawn)
      const chunks: Uint8Array[] = []
      let at = 0
      for (const length of lengths) {
        chunks.push(bytes.subarray(at, at + length))
        at += length
      }
      chunks.push(bytes.subarray(at))
      expect(cut(chunks)).toEqual(drawn.map((message) => [...message]))
    })
  })

  it('are refused from their length, before a byte of them has come', () => {
    expect(() => cut([Uint8Array.of(0xe9, 0x07)])).toThrow(new ProtocolError('frame-too-long', '1001 bytes'))
    expect(cut([framing.frame(new Uint8Array(1000))])).toHaveLength(1)
  })

  it('are refused when the length is no varint', () => {
    expect(() => cut([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff)])).toThrow(ProtocolError)
    expect(() => cut([Uint8Array.of(0x80, 0x00)])).toThrow(ProtocolError)
  })

  it('give frames or a ProtocolError for any bytes', () => {
    forAll(fc.array(fc.uint8Array()), (chunks) => {
      try {
        for (const frame of cut(chunks)) expect(frame.length).toBeLessThanOrEqual(1000)
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError)
      }
    })
  })

  it('are views of the chunk they came in whole, not copies', () => {
    const chunk = framing.frame(Uint8Array.of(1, 2, 3))
    expect(framing.cutter().push(chunk)[0]?.buffer).toBe(chunk.buffer)
  })
})

describe('ByteQueue', () => {
  it('is read as one run of bytes', () => {
    const reads = fc.tuple(fc.array(fc.uint8Array({ maxLength: 9 })), fc.array(fc.nat(12)))
    forAll(reads, ([chunks, counts]) => {
      const queue = new ByteQueue()
      for (const chunk of chunks) queue.push(chunk)
      let left = chunks.flatMap((chunk) => [...chunk])
      for (const wanted of counts) {
        const count = Math.min(wanted, left.length)
        for (let i = 0; i < left.length; i += 5) expect(queue.byteAt(i)).toBe(left[i])
        expect([...queue.peek(count)]).toEqual(left.slice(0, count))
        expect([...queue.take(count)]).toEqual(left.slice(0, count))
        left = left.slice(count)
        expect(queue.length).toBe(left.length)
      }
    })
  })
})
