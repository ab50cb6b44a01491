import { buildTree } from '../dag/tree.ts'
import { ContentUnreadableError } from '../errors.ts'
import type { PartialServing } from '../serve/partial-file.ts'
import type { ChunkStore } from './chunk-store.ts'
import type { DownloadOptions, DownloadRequest } from './options.ts'

/** Serves to others what a sink has of a file, where there is a server and the sink can be read. */
export async function serveWhileFetching(
  { cid, size, sink }: DownloadRequest,
  { server, name = 'download' }: DownloadOptions,
  { available }: ChunkStore,
  leaves: Uint8Array
): Promise<PartialServing | undefined> {
  if (server === undefined || sink.read === undefined) return undefined
  const { blocks } = await buildTree(leaves, size)
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    try {
      return (await sink.read?.(start, end)) ?? new Uint8Array(0)
    } catch (error) {
      throw new ContentUnreadableError(`${name} cannot be read where it is written`, { cause: error })
    }
  }
  return server.addPartial({ name, cid: cid.toV1(), size, leaves, blocks, available, read })
}
