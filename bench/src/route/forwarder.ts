import type { Stream } from '@libp2p/interface'
import { lengthPrefixed } from '@servent/wire'
import { type Contestant, MESSAGE_BYTES, type Network, type NetworkOptions } from './contestant.ts'
import { makeStar } from './star.ts'

const PROTOCOL = '/bench/forwarder/1.0.0'

const framing = lengthPrefixed(1024)

/** How the hub writes a frame to one leaf. */
type Writer = (frame: Uint8Array) => void

/** What one would write by hand over bare streams: no table, no limits, one write for each message and leaf. */
export const forwarder: Contestant = (options) => forward(options, (stream) => (frame) => void stream.send(frame))

/** The same, with all that one turn has for a leaf joined to one write. */
export const batchedForwarder: Contestant = (options) =>
  forward(options, (stream) => {
    let frames: Uint8Array[] = []
    return (frame) => {
      if (frames.length === 0) {
        queueMicrotask(() => {
          stream.send(Buffer.concat(frames))
          frames = []
        })
      }
      frames.push(frame)
    }
  })

async function forward(options: NetworkOptions, writerOf: (stream: Stream) => Writer): Promise<Network> {
  const { hub, source, leaves } = await makeStar(options.transport, options.leafCount, () => ({}))
  const outputs: Writer[] = []
  await hub.handle(PROTOCOL, (stream, { remotePeer }) => {
    if (!remotePeer.equals(source.peerId)) outputs.push(writerOf(stream))
    else read(stream, (frame) => forwardTo(outputs, framing.frame(frame)))
  })
  for (const leaf of leaves) read(await leaf.dialProtocol(hub.peerId, PROTOCOL), options.onDelivery)
  const stream = await source.dialProtocol(hub.peerId, PROTOCOL)
  let sequence = 0
  return {
    send(count) {
      const frames = Array.from({ length: count }, () => framing.frame(message(sequence++)))
      stream.send(Buffer.concat(frames))
    },
    stop: async () => {
      await Promise.all([hub, source, ...leaves].map((node) => node.stop()))
    },
  }
}

function forwardTo(outputs: readonly Writer[], frame: Uint8Array): void {
  for (const write of outputs) write(frame)
}

function read(stream: Stream, onFrame: (frame: Uint8Array) => void): void {
  const cutter = framing.cutter()
  stream.addEventListener('message', ({ data }) => {
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      for (const frame of cutter.push(chunk)) onFrame(frame)
    }
  })
}

/** A message with a number. */
function message(sequence: number): Uint8Array {
  const bytes = new Uint8Array(MESSAGE_BYTES)
  new DataView(bytes.buffer).setUint32(0, sequence)
  return bytes
}
