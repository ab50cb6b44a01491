import { describe, expect, it } from 'vitest'
import { HeadError } from '../src/http/fields.ts'
import { HeadCutter } from '../src/http/head-cutter.ts'
import { parseRange } from '../src/http/range.ts'
import { parseRequest, RequestError } from '../src/http/request.ts'
import { parseResponse, ResponseError } from '../src/http/response.ts'

const INPUTS = 100_000

const REQUEST =
  'GET /ipfs/bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu?format=raw HTTP/1.1\r\nHost: a\r\nRange: bytes=0-99\r\nAccept: application/vnd.ipld.raw\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'
const RESPONSE =
  'HTTP/1.1 206 Partial Content\r\nContent-Length: 100\r\nContent-Range: bytes 0-99/1000\r\nContent-Type: application/octet-stream\r\nETag: "x"\r\n\r\n'

/** mulberry32: small, and the same in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Half of them noise, half of them a good head with some bytes changed, cut out, doubled or put elsewhere. */
function* inputs(good: string, seed: number): Generator<Uint8Array> {
  const random = seeded(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  for (let count = 0; count < INPUTS; count++) {
    if (count % 2 === 0) yield Uint8Array.from({ length: below(300) }, () => below(256))
    else yield mutate(Buffer.from(good, 'latin1'), below)
  }
}

function mutate(good: Buffer, below: (limit: number) => number): Uint8Array {
  let bytes: Buffer = good
  for (let times = 1 + below(4); times > 0; times--) {
    const from = below(bytes.length)
    const to = Math.min(bytes.length, from + below(20))
    const piece = bytes.subarray(from, to)
    const edits = [
      () => Buffer.concat([bytes.subarray(0, from), Buffer.from([below(256)]), bytes.subarray(from + 1)]),
      () => Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]),
      () => Buffer.concat([bytes.subarray(0, to), ...Array(1 + below(40)).fill(piece), bytes.subarray(to)]),
      () => Buffer.concat([piece, bytes]),
    ]
    bytes = edits[below(edits.length)]?.() ?? bytes
  }
  return new Uint8Array(bytes)
}

/** Cuts heads out of bytes and parses each, as the stream readers do. Returns how many were good. */
function feed(input: Uint8Array, parse: (head: Uint8Array) => unknown, isTyped: (error: unknown) => boolean): number {
  const cutter = new HeadCutter()
  let good = 0
  try {
    for (let at = 0; at < input.length; ) {
      at += cutter.push(input.subarray(at))
      if (!cutter.isComplete) break
      parse(cutter.take())
      good++
    }
  } catch (error) {
    if (!isTyped(error)) throw error
  }
  return good
}

describe('any bytes', () => {
  it('make requests or typed errors', () => {
    let good = 0
    const parse = (head: Uint8Array) => {
      const request = parseRequest(head)
      expect(request.path.startsWith('/')).toBe(true)
      parseRange(request.fields.get('range'), 1_000)
    }
    for (const input of inputs(REQUEST, 1)) {
      good += feed(input, parse, (error) => error instanceof RequestError || error instanceof HeadError)
    }
    expect(good).toBeGreaterThan(INPUTS / 20)
  })

  it('make responses of stated length or typed errors', () => {
    let good = 0
    const parse = (head: Uint8Array) => expect(Number.isSafeInteger(parseResponse(head).length)).toBe(true)
    for (const input of inputs(RESPONSE, 2)) {
      good += feed(input, parse, (error) => error instanceof ResponseError || error instanceof HeadError)
    }
    expect(good).toBeGreaterThan(INPUTS / 20)
  })
})
