import type { Share } from '@servent/servent'
import type { ChosenFile } from '../peer/files.ts'
import type { Known, Reshare, WaitingShare } from './kept-shares.ts'

/** How it is done: loaded when the page is there. */
const keeping = () => import('./keeping.ts')

/**
 * Finds the files again that this identity shared before.
 *
 * @param slot - number of its slot; undefined when the browser keeps nothing
 * @param reshare - shares one of them
 */
export async function startKeeping(slot: number | undefined, reshare: Reshare): Promise<void> {
  await (await keeping()).startKeeping(slot, reshare)
}

/** What this identity knows of a file that was chosen: so that it need not be hashed again. */
export async function knownOf(chosen: ChosenFile): Promise<Known> {
  return (await keeping()).knownOf(chosen)
}

/** Keeps a share for the next visit. */
export async function keepShare(chosen: ChosenFile, share: Share, identity: Uint8Array): Promise<void> {
  await (await keeping()).keepShare(chosen, share, identity)
}

/** Forgets a share, and frees the room of its copy. */
export async function forgetShare(cid: string): Promise<void> {
  await (await keeping()).forgetShare(cid)
}

/** Shares files again that wait. Only in answer to a click: the browser may ask the person. */
export async function shareAgain(waiting: readonly WaitingShare[]): Promise<void> {
  await (await keeping()).shareAgain(waiting)
}

/** Keeps a copy of a shared file in this browser, so that it is shared again on the next visit. */
export async function keepCopy(cid: string): Promise<void> {
  await (await keeping()).keepCopy(cid)
}
