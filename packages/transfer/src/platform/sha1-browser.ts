import type { IncrementalHash } from './sha1.ts'

/** The platform has no incremental SHA-1, so WebAssembly it is; loaded when the first file is hashed. */
export async function createSha1(): Promise<IncrementalHash> {
  const { createSHA1 } = await import('hash-wasm')
  const hash = await createSHA1()
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('binary') }
}
