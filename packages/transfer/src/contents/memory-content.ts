import type { Content } from '../types.ts'

/** Shares bytes that are in memory. They are not copied, so they must not change. */
export function memoryContent(name: string, bytes: Uint8Array): Content {
  return { name, size: bytes.length, read: async (start, end) => bytes.subarray(start, end) }
}
