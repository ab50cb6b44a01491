import type { Hit, Servent, Sink, Source } from '@servent/servent'
import type { Shared } from './page.ts'

/** Drops what it is given, as a bare channel does: the way is measured, not the place to keep things. */
export const nowhere: Sink = {
  write: async () => undefined,
  close: async () => undefined,
  suspend: async () => undefined,
  abort: async () => undefined,
}

/** Resolves when a peer is as wanted, which its status may tell. */
export function whenStatus(peer: Servent, isAsWanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isAsWanted()) return
      peer.removeEventListener('status', look)
      resolve()
    }
    peer.addEventListener('status', look)
    look()
  })
}

/**
 * Fetches a file from all who share it.
 *
 * @param transport - the way that is measured
 * @returns milliseconds
 * @throws Error when it came by another way
 */
export async function fetchFrom(
  peer: Servent,
  shared: readonly Shared[],
  sink: Sink,
  transport: 'webrtc' | 'tcp'
): Promise<number> {
  const [file] = shared
  const [first, ...others] = shared.map(sourceOf)
  if (file === undefined || first === undefined) throw new Error('Nobody shares the file')
  const { cid, size } = file
  const hit: Hit = { cid, name: 'bench.bin', size, sha1: undefined, sources: [first, ...others] }
  const { durationMs, sources } = await peer.download(hit, sink)
  const stray = sources.find((source) => source.verifiedBytes > 0 && source.transport !== transport)
  if (stray !== undefined) throw new Error(`The file came by ${stray.transport}, not by ${transport}`)
  return durationMs
}

function sourceOf({ peer }: Shared): Source {
  return { peer, findings: [{ overlay: 'gnutella', hops: 1, afterMs: 0 }], pushPaths: [] }
}
