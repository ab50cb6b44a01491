import { ContentUnreadableError } from '../errors.ts'
import type { Content } from '../types.ts'

/**
 * A file that a person chose in a page, read where it is. Browsers refuse to read a `File` whose size or time of change
 * is no longer what it was when it was chosen, so this never gives bytes of another state.
 */
export function fileBlobContent(file: File): Content {
  return { name: file.name, size: file.size, read: (start, end) => readPart(file, start, end) }
}

async function readPart(file: File, start: number, end: number): Promise<Uint8Array> {
  let bytes: Uint8Array
  try {
    bytes = new Uint8Array(await file.slice(start, end).arrayBuffer())
  } catch (error) {
    throw new ContentUnreadableError(`${file.name} has changed or gone since it was shared`, { cause: error })
  }
  if (bytes.length !== end - start) throw new ContentUnreadableError(`${file.name} is shorter than it was`)
  return bytes
}
