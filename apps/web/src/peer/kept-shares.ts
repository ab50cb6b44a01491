import { settled } from './database.ts'

/** How a shared file is found again on the next visit. */
export type KeptSource =
  /** Where the person's file is. */
  | {
      readonly kind: 'handle'
      readonly handle: FileSystemFileHandle
      /** The folder that it was chosen with: to be allowed to read it is enough. */
      readonly folder: FileSystemDirectoryHandle | undefined
    }
  /** A copy in this browser. */
  | { readonly kind: 'copy' }
  /** Only by choosing it again: then it need not be hashed again. */
  | { readonly kind: 'none' }

/** A share as it outlives its tab. It belongs to the identity that shared it. */
export interface KeptShare {
  /** Number of the identity slot. */
  readonly slot: number
  /** CID as text. */
  readonly cid: string
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** When the file was changed last, in milliseconds since 1970: while this and the size stay it is the same file. */
  readonly lastModified: number
  /** What it was named by, as `encodeIdentity` writes it. */
  readonly identity: Uint8Array
  readonly source: KeptSource
  /** In milliseconds since 1970. */
  readonly addedAtMs: number
}

/** Shares kept of one identity. Ours: a library beyond it is better served by a Node peer. */
const KEPT_MAX = 5_000

const DATABASE = 'servent-shares'
const STORE = 'shares'
const BY_SLOT = 'slot'
const BY_CID = 'cid'

/** The shares of all identities of this browser, in a table of their own: it holds handles, which are no bytes. */
export class KeptShares {
  readonly #opened: IDBDatabase

  private constructor(opened: IDBDatabase) {
    this.#opened = opened
  }

  /** Undefined where the browser keeps nothing. */
  static async open(): Promise<KeptShares | undefined> {
    try {
      const request = indexedDB.open(DATABASE, 1)
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: ['slot', 'cid'] })
        store.createIndex(BY_SLOT, 'slot')
        store.createIndex(BY_CID, 'cid')
      }
      return new KeptShares(await settled(request))
    } catch (error) {
      console.warn('IndexedDB cannot be used; shares end with this tab.', error)
      return undefined
    }
  }

  /** Those of one identity, oldest first. */
  async of(slot: number): Promise<readonly KeptShare[]> {
    const values: readonly unknown[] = await settled(this.#store('readonly').index(BY_SLOT).getAll(slot, KEPT_MAX))
    return values.filter(isKeptShare).sort((a, b) => a.addedAtMs - b.addedAtMs)
  }

  /** Keeps a share, or what has changed of it. */
  async put(share: KeptShare): Promise<void> {
    const store = this.#store('readwrite')
    const isThere = (await settled(store.getKey([share.slot, share.cid]))) !== undefined
    if (!isThere && (await settled(store.index(BY_SLOT).count(share.slot))) >= KEPT_MAX) return
    await settled(store.put(share))
  }

  async delete(slot: number, cid: string): Promise<void> {
    await settled(this.#store('readwrite').delete([slot, cid]))
  }

  /** Whether any identity still shares the copy of a content that is in this browser. */
  async isCopyUsed(cid: string): Promise<boolean> {
    const values: readonly unknown[] = await settled(this.#store('readonly').index(BY_CID).getAll(cid))
    return values.filter(isKeptShare).some(({ source }) => source.kind === 'copy')
  }

  #store(mode: IDBTransactionMode): IDBObjectStore {
    return this.#opened.transaction(STORE, mode).objectStore(STORE)
  }
}

/** Another version of the page may have written it. */
function isKeptShare(value: unknown): value is KeptShare {
  if (typeof value !== 'object' || value === null) return false
  const { cid, name, size, lastModified, identity, source, addedAtMs } = value as Partial<
    Record<keyof KeptShare, unknown>
  >
  return (
    typeof cid === 'string' &&
    typeof name === 'string' &&
    Number.isSafeInteger(size) &&
    typeof lastModified === 'number' &&
    identity instanceof Uint8Array &&
    typeof addedAtMs === 'number' &&
    isSource(source)
  )
}

function isSource(value: unknown): value is KeptSource {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  if (value.kind === 'handle') return 'handle' in value && value.handle instanceof FileSystemFileHandle
  return value.kind === 'copy' || value.kind === 'none'
}
