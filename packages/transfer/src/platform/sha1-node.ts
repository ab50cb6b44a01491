import { createHash } from 'node:crypto'
import type { IncrementalHash } from './sha1.ts'

export async function createSha1(): Promise<IncrementalHash> {
  const hash = createHash('sha1')
  return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) }
}
