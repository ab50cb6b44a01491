import * as fc from 'fast-check'
import { expect } from 'vitest'
import { ProtocolError } from '../errors.ts'
import type { Codec, Framing } from '../protocol.ts'
import { testPeerCodec } from './test-peer-codec.ts'

/** A whole number from 0 to below `below`. */
export type Draw = (below: number) => number

/** Pseudo-random numbers, the same in every run: quicker than a property of fast-check by the hundred thousand. */
export function draws(seed: number): Draw {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return Math.floor(((state >>> 0) / 2 ** 32) * below)
  }
}

/** One of `values`, which must not be empty. */
export function drawFrom<T>(values: readonly T[], draw: Draw): T {
  return values[draw(values.length)] as T
}

/** Up to 119 bytes from nowhere. */
export function randomFrame(draw: Draw): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: draw(120) }, () => draw(256))
}

/**
 * A frame with one to four places changed, filled, cut out or cut off.
 *
 * @param poison - bytes that break readers of this codec: ends of ranges, marks of its formats
 */
export function mutate(frame: Uint8Array, draw: Draw, poison: readonly number[]): Uint8Array<ArrayBuffer> {
  let bytes = [...frame]
  for (let change = draw(4); change >= 0; change--) {
    const at = draw(bytes.length + 1)
    const byte = draw(2) === 0 ? draw(256) : drawFrom(poison, draw)
    const put = draw(3) === 0 ? new Array<number>(draw(40)).fill(byte) : [byte]
    bytes = bytes.toSpliced(at, draw(3), ...put)
    if (draw(8) === 0) bytes = bytes.slice(0, draw(bytes.length + 1))
  }
  return Uint8Array.from(bytes)
}

/** Frames of well-typed messages, to begin mutations with. */
export function framesOf<Message>(codec: Codec<Message>, messages: fc.Arbitrary<Message>, count: number): Uint8Array[] {
  return fc.sample(messages, { seed: 7, numRuns: count }).map((message) => codec.encode(message, testPeerCodec))
}

/** What a codec reads in a frame, or the reason for which it is no message. Fails with what is no ProtocolError. */
export function outcomeOf<Message>(codec: Codec<Message>, frame: Uint8Array): Message | string {
  try {
    return codec.decode(frame, testPeerCodec)
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

/** `expect(actual).toEqual(expected)` for bytes by the hundred thousand. */
export function expectSameBytes(actual: Uint8Array, expected: Uint8Array): void {
  const isSame = actual.length === expected.length && actual.every((byte, at) => byte === expected[at])
  if (!isSame) expect([...actual]).toEqual([...expected])
}

/** What a codec is tried with. */
interface HostileFrames {
  /** Frames of its messages. */
  readonly seeds: readonly Uint8Array[]
  /** Bytes that break its readers. */
  readonly poison: readonly number[]
  /** Frames from nowhere begin with a byte below this: the one that says which message it is. */
  readonly firstBelow: number
}

/**
 * Lets a codec, each of whose frames has one message and each message one frame, read 100,000 hostile ones. What is read has
 * to be written as it came.
 *
 * @returns the types and the reasons for refusal that were met
 */
export function readHostileFrames<Message extends { readonly type: string }>(
  codec: Codec<Message>,
  { seeds, poison, firstBelow }: HostileFrames
): ReadonlySet<string> {
  const draw = draws(1)
  const met = new Set<string>()
  for (let i = 0; i < 100_000; i++) {
    const isRandom = i % 3 === 0
    const frame = isRandom ? randomFrame(draw) : mutate(drawFrom(seeds, draw), draw, poison)
    if (isRandom && frame.length > 0) frame[0] = draw(firstBelow)
    const read = outcomeOf(codec, frame)
    met.add(typeof read === 'string' ? read : read.type)
    if (typeof read === 'string') continue
    if (codec.size(read, testPeerCodec) !== frame.length) throw new Error(`the size of ${read.type} is wrong`)
    expectSameBytes(codec.encode(read, testPeerCodec), frame)
  }
  return met
}

/** How many of `trials` streams of hostile chunks are refused: each with a ProtocolError, or the test fails. */
export function refusedStreams(framing: Framing, chunksOf: (draw: Draw) => Uint8Array[], trials = 20_000): number {
  const draw = draws(2)
  let refusedCount = 0
  for (let i = 0; i < trials; i++) {
    const cutter = framing.cutter()
    try {
      for (const chunk of chunksOf(draw)) cutter.push(chunk)
    } catch (error) {
      expect(error).toBeInstanceOf(ProtocolError)
      refusedCount++
    }
  }
  return refusedCount
}
