/**
 * Small things that outlive the tab, by key.
 *
 * @see IndexedDatabase for where they go; `MemoryDatabase` where the browser keeps nothing
 */
export interface Database {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
}

const STORE = 'values'

/** One table of bytes in IndexedDB. */
export class IndexedDatabase implements Database {
  readonly #opened: IDBDatabase

  private constructor(opened: IDBDatabase) {
    this.#opened = opened
  }

  /** Rejects where the browser has no IndexedDB or forbids it, as some do in private windows. */
  static async open(name: string): Promise<IndexedDatabase> {
    const request = indexedDB.open(name, 1)
    request.onupgradeneeded = () => request.result.createObjectStore(STORE)
    return new IndexedDatabase(await settled(request))
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    const value: unknown = await settled(this.#opened.transaction(STORE).objectStore(STORE).get(key))
    return value instanceof Uint8Array ? value : undefined
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await settled(this.#opened.transaction(STORE, 'readwrite').objectStore(STORE).put(value, key))
  }
}

/** Forgets everything with the tab. */
export class MemoryDatabase implements Database {
  readonly #values = new Map<string, Uint8Array>()

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.#values.get(key)
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    this.#values.set(key, value)
  }
}

/** The part of a database whose keys begin with a prefix. */
export function within(database: Database, prefix: string): Database {
  return {
    get: (key) => database.get(prefix + key),
    put: (key, value) => database.put(prefix + key, value),
  }
}

/** What a request of IndexedDB comes to. */
export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new DOMException('IndexedDB failed', 'UnknownError'))
  })
}
