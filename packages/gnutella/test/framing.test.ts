import { ProtocolError } from '@servent/machine'
import { describe, expect, it } from 'vitest'
import { gnutella04 } from '../src/index.ts'
import { fromHex, GENUINE } from './vectors/genuine.ts'

const text = (line: string) => new Uint8Array(Buffer.from(line))
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const CONNECT = text('GNUTELLA CONNECT/0.4\n\n')
const OK = text('GNUTELLA OK\n\n')
const DESCRIPTORS = [GENUINE.ping, GENUINE.queryHit, GENUINE.pong, GENUINE.push].map(fromHex)

function cut(chunks: readonly Uint8Array[]): string[] {
  const cutter = gnutella04.framing.cutter()
  return chunks.flatMap((chunk) => cutter.push(chunk)).map(hex)
}

/** A header with a payload length, and no payload. */
function header(fn: number, length: number): Uint8Array {
  const bytes = new Uint8Array(23)
  bytes[16] = fn
  new DataView(bytes.buffer).setUint32(19, length, true)
  return bytes
}

describe('framing', () => {
  it.each([
    ['the one who dialed', CONNECT],
    ['the one who was dialed', OK],
  ])('cuts the stream of %s, in two at every offset', (_, opening) => {
    const stream = Uint8Array.from([opening, ...DESCRIPTORS].flatMap((bytes) => [...bytes]))
    const expected = [opening, ...DESCRIPTORS].map(hex)
    for (let at = 0; at <= stream.length; at++)
      expect(cut([stream.subarray(0, at), stream.subarray(at)])).toEqual(expected)
    expect(cut([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('puts nothing around a message', () => {
    const frame = fromHex(GENUINE.push)
    expect(gnutella04.framing.frame(frame)).toEqual(frame)
  })

  it.each(['GET / HTTP/1.1\r\n', 'GNUTELLA/1', 'GNUTELLA 200 OK', '\x13/multistream/1.0.0\n', '\0', 'GNUTELLA OK\r'])(
    'refuses %j at the first byte that no handshake has',
    (line) => {
      expect(() => cut([text(line)])).toThrow(new ProtocolError('bad-handshake'))
    }
  )

  it('refuses a descriptor before the handshake', () => {
    expect(() => cut([fromHex(GENUINE.ping)])).toThrow(new ProtocolError('bad-handshake'))
  })

  it.each([
    ['a query', 0x80, 1024],
    ['a hit', 0x81, 65_535],
    ['anything else', 0x55, 40_960],
  ])('refuses %s that is too long from its header alone', (_, fn, max) => {
    expect(cut([OK, header(fn, max)])).toEqual([hex(OK)])
    for (const length of [max + 1, 70_000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) {
      expect(() => cut([OK, header(fn, length)])).toThrow(expect.objectContaining({ reason: 'too-large' }))
    }
  })

  it('takes no descriptor for a handshake, whatever its id', () => {
    const frame = fromHex(GENUINE.push)
    frame.set(text('GNUTELLA OK\n\n'))
    expect(cut([CONNECT, frame])).toEqual([hex(CONNECT), hex(frame)])
    expect(gnutella04.codec.decode(frame, { encode: () => frame, decode: () => 1 as never, size: () => 0 }).type).toBe(
      'Push'
    )
  })
})
