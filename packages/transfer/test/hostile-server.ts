import type { Libp2p, Stream } from '@libp2p/interface'
import { formatHead } from '../src/http/fields.ts'
import { HeadCutter } from '../src/http/head-cutter.ts'
import { parseRequest, type Request } from '../src/http/request.ts'
import { HTTP_PROTOCOL, type Identity } from '../src/index.ts'

/** One request that a made-up server has to do something with. */
export interface Asked {
  readonly request: Request
  readonly stream: Stream
  /** The first byte asked for; undefined for a block. */
  readonly start: number | undefined
  /** Which request of all this is, from 0. */
  readonly number: number
}

export type Answerer = (asked: Asked) => void

/** A server that answers as the test says: right or wrong, or not at all. */
export async function answerWith(node: Libp2p, answer: Answerer): Promise<void> {
  await node.handle(HTTP_PROTOCOL, answerAs(answer))
}

/** The same for one stream after the other, wherever they come from. */
export function answerAs(answer: Answerer): (stream: Stream) => void {
  let number = 0
  return (stream) => {
    const cutter = new HeadCutter()
    stream.addEventListener('message', ({ data }) => {
      for (let bytes = data.subarray(); bytes.length > 0; ) {
        bytes = bytes.subarray(cutter.push(bytes))
        if (!cutter.isComplete) return
        const request = parseRequest(cutter.take())
        const [, start] = /bytes=(\d+)-/.exec(request.fields.get('range') ?? '') ?? []
        answer({ request, stream, start: start === undefined ? undefined : Number(start), number: number++ })
      }
    })
  }
}

/** What an honest server sends for a request of ours. */
export function honest(
  { request, start }: Asked,
  identity: Identity,
  bytes: Uint8Array
): { head: Uint8Array; body: Uint8Array } {
  if (start === undefined) {
    const body = identity.blocks.get(request.path.slice('/ipfs/'.length)) ?? new Uint8Array(0)
    return { head: formatHead('HTTP/1.1 200 OK', [['Content-Length', body.length]]), body }
  }
  const end = Number(/-(\d+)$/.exec(request.fields.get('range') ?? '')?.[1]) + 1
  return { head: partHead(start, end, bytes.length), body: bytes.subarray(start, end) }
}

/** The head of a 206. */
export function partHead(start: number, end: number, size: number, length = end - start): Uint8Array {
  return formatHead('HTTP/1.1 206 Partial Content', [
    ['Content-Length', length],
    ['Content-Range', `bytes ${start}-${end - 1}/${size}`],
  ])
}

/** Sends if the other end is still there. */
export function sendIfOpen(stream: Stream, ...parts: Uint8Array[]): void {
  for (const part of parts) if (stream.writeStatus === 'writable') stream.send(part)
}
