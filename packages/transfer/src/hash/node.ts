import { createHash } from 'node:crypto'
import type { Hasher } from './hasher.ts'

/** SHA-256 runs on Node's thread pool; SHA-1 has no incremental form there and takes a millisecond a chunk. */
export const hasher: Hasher = {
  sha256,
  file: async () => {
    const whole = createHash('sha1')
    return {
      chunk: (bytes) => {
        whole.update(bytes)
        return sha256(bytes)
      },
      sha1: async () => new Uint8Array(whole.digest()),
      cancel: () => undefined,
    }
  },
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}
