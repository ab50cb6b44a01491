import type { Libp2p } from '@libp2p/interface'
import { type Content, FileServer, type Identity, identify, memoryContent, type ServerLimits } from '../src/index.ts'
import { patterned } from './bytes.ts'

/** A served file and its bytes. */
export interface ServedFile {
  readonly server: FileServer
  readonly identity: Identity
  readonly bytes: Uint8Array
}

/** Serves a file of `size` patterned bytes from a node, or of `content`. */
export async function serve(
  node: Libp2p,
  size: number,
  limits: Partial<ServerLimits> = {},
  content?: Content
): Promise<ServedFile> {
  const bytes = patterned(size)
  const server = new FileServer(node, limits)
  await server.start()
  const identity = await identify(memoryContent('file.bin', bytes))
  server.add(identity, content ?? memoryContent('file.bin', bytes))
  return { server, identity, bytes }
}
