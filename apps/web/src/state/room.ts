import { computed, effect, signal } from '@preact/signals'
import { forgetDownload, ownDownload } from '../peer/kept-downloads.ts'
import { discardDownload, readKeptParts } from '../peer/saving.ts'
import { isActive } from './download.ts'
import { cancelDownload, downloadOf, downloads, removedCount } from './transfers.ts'

/** Bytes in this browser of downloads that do not go on by themselves, in no tab. */
export const restingBytes = signal(0)

/** How each download is doing: whenever that changes, so may the room. */
const phases = computed(() => downloads.value.map(({ cid, state }) => `${cid} ${state.value.phase}`).join(' '))

/** Keeps the figure true. */
export function followRoom(): () => void {
  return effect(() => {
    void phases.value
    void removedCount.value
    measure().catch((error: unknown) => console.warn('The room of unfinished downloads is not known', error))
  })
}

/** Gives up what rests, and frees its room. */
export async function removeResting(): Promise<void> {
  for (const { cid } of await restingParts()) {
    const listed = downloadOf(cid)
    if (listed !== undefined) cancelDownload(listed)
    else await removeUnlisted(cid)
  }
  await measure()
}

async function measure(): Promise<void> {
  restingBytes.value = (await restingParts()).reduce((bytes, { keptBytes }) => bytes + keptBytes, 0)
}

async function restingParts() {
  const parts = await readKeptParts()
  return parts.filter(({ cid, isHeld }) => {
    const listed = downloadOf(cid)
    return listed === undefined ? !isHeld : !isActive(listed.state.value)
  })
}

/** What a tab left that is gone. Another one may have taken it up just now. */
async function removeUnlisted(cid: string): Promise<void> {
  const release = await ownDownload(cid, { ifAvailable: true })
  if (release === undefined) return
  try {
    await forgetDownload(cid)
    await discardDownload(cid)
  } finally {
    release()
  }
}
