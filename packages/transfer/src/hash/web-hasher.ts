import { createSHA1 } from 'hash-wasm'
import type { Hasher } from './hasher.ts'

/** Hashes on the thread that calls: in the worker, and where there is none. SHA-1 by WebAssembly. */
export const webHasher: Hasher = {
  sha256,
  file: async () => {
    const whole = await createSHA1()
    return {
      chunk: (bytes) => {
        whole.update(bytes)
        return sha256(bytes)
      },
      sha1: async () => whole.digest('binary'),
      cancel: () => undefined,
    }
  },
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
}
