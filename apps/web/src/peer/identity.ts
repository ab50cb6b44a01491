import { type Database, IndexedDatabase, MemoryDatabase, within } from './database.ts'
import { readSlotNumber, takeSlot } from './slots.ts'

const DATABASE = 'servent'
const REMEMBERED_SLOT = 'servent-slot'
const PRIVATE_KEY = 'private-key'

/**
 * After a reload nobody else wants the slot, but the page before lets go of it only when it has been torn down with all its
 * connections, which takes a busy machine a while. In milliseconds.
 */
export const RELOAD_WAIT_MS = 5000

/** What a tab needs to be the same peer after a reload. */
export interface KeptIdentity {
  readonly privateKey: Uint8Array
  /** This identity's own part of the database. */
  readonly store: Database
  /** Number of the identity slot; undefined when the browser keeps nothing: the tab is another peer after a reload. */
  readonly slot: number | undefined
}

/**
 * The identity of this tab. Each tab holds one numbered slot and each slot has one key, so that three tabs are three peers, and a reload
 * changes none of them.
 */
export async function openIdentity(createPrivateKey: () => Promise<Uint8Array>): Promise<KeptIdentity> {
  const { store, slot } = (await openSlot()) ?? { store: new MemoryDatabase(), slot: undefined }
  const kept = await store.get(PRIVATE_KEY)
  if (kept !== undefined) return { privateKey: kept, store, slot }
  const privateKey = await createPrivateKey()
  await store.put(PRIVATE_KEY, privateKey)
  return { privateKey, store, slot }
}

async function openSlot(): Promise<{ store: Database; slot: number } | undefined> {
  // Web Locks exist in secure contexts only: over plain http from another machine there are none.
  if (navigator.locks === undefined) return undefined
  const remembered = readSlotNumber(sessionStorage.getItem(REMEMBERED_SLOT))
  const slot = await takeSlot(navigator.locks, remembered, isReload() ? RELOAD_WAIT_MS : undefined)
  if (slot === undefined) return undefined
  sessionStorage.setItem(REMEMBERED_SLOT, String(slot.number))
  try {
    const store = within(await IndexedDatabase.open(DATABASE), `slot/${slot.number}/`)
    return { store, slot: slot.number }
  } catch (error) {
    console.warn('IndexedDB cannot be used; this peer will have a new identity after a reload.', error)
    slot.release()
    return undefined
  }
}

/** Whether this page came in the place of itself. */
export function isReload(): boolean {
  return performance.getEntriesByType('navigation').some((entry) => 'type' in entry && entry.type === 'reload')
}
