import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPrivateKey } from '@servent/servent'

/** Thrown when the key cannot be read or kept. `message` is a sentence for a person. */
class KeyFileError extends Error {
  override readonly name = 'KeyFileError'
}

/**
 * The node's private key: read from the data folder, or made and kept there on the first run, readable by its owner alone.
 * The same key gives the same PeerId, so pages that know this node find it again.
 *
 * @throws KeyFileError
 */
export async function loadKey(folder: string): Promise<Uint8Array> {
  const path = join(folder, 'private-key')
  try {
    return await readFile(path)
  } catch (error) {
    if (!isNotFound(error)) throw new KeyFileError(`The key in ${path} cannot be read.`, { cause: error })
  }
  try {
    const key = await createPrivateKey()
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Written beside and renamed: a crash in between leaves no half key.
    await writeFile(`${path}.new`, key, { mode: 0o600 })
    await rename(`${path}.new`, path)
    return key
  } catch (error) {
    throw new KeyFileError(`The key cannot be kept in ${folder}. Name another folder with --data.`, { cause: error })
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
