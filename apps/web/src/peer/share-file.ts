import type { Servent, Share } from '@servent/servent'
import {
  CHUNK_BYTES,
  decodeIdentity,
  encodeIdentity,
  type Identity,
  IdentityRecordError,
  identify,
  type TransferOptions,
} from '@servent/transfer'
import { fileBlobContent } from '@servent/transfer/browser'

export interface ShareFileOptions extends TransferOptions {
  /** What a file of this size and time of change was named by before; not believed when it is damaged. */
  readonly known?: Uint8Array | undefined
  /** Whether the file is the one that was named before only by its looks: then its first and its last chunk are compared. */
  readonly isGuess?: boolean
}

export interface SharedFile {
  readonly share: Share
  /** What to keep, so that the file need not be hashed again. */
  readonly identity: Uint8Array
}

/** Shares a file, without hashing it where its identity is known. Rejects as `Servent.share` does. */
export async function shareFile(servent: Servent, file: File, options: ShareFileOptions): Promise<SharedFile> {
  const content = fileBlobContent(file)
  const identity = (await recalled(file, options)) ?? (await identify(content, options))
  const share = await servent.share({ ...content, identify: async () => identity }, options)
  return { share, identity: await encodeIdentity(identity) }
}

async function recalled(file: File, { known, isGuess }: ShareFileOptions): Promise<Identity | undefined> {
  if (known === undefined) return undefined
  try {
    const identity = await decodeIdentity(known)
    if (identity.size !== file.size) return undefined
    return isGuess === true && !(await looksLike(file, identity)) ? undefined : identity
  } catch (error) {
    if (!(error instanceof IdentityRecordError)) throw error
    console.warn(`"${file.name}" is hashed again`, error)
    return undefined
  }
}

/** Compares the first and the last chunk: a file of the same name, size and time may lie in another folder. */
async function looksLike(file: File, { leaves, size }: Identity): Promise<boolean> {
  const last = Math.max(0, Math.ceil(size / CHUNK_BYTES) - 1)
  for (const chunk of new Set([0, last])) {
    const bytes = await file.slice(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES).arrayBuffer()
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    if (digest.some((byte, i) => byte !== leaves[chunk * digest.length + i])) return false
  }
  return true
}
