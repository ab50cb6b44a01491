import type { ChosenFile } from '../peer/files.ts'

/** How it is done: loaded when the page is there. */
const offering = () => import('./late-folders.ts')

/** A file is shared: it is noted where it is in its folder. */
export async function fileShared(chosen: ChosenFile, cid: string): Promise<void> {
  if (chosen.folder !== undefined || chosen.path !== undefined) await (await offering()).fileShared(chosen, cid)
}

/** What is in the folders may be another: they are offered as they are, a moment later. */
export function foldersChanged(): void {
  offering().then(
    ({ foldersChanged }) => foldersChanged(),
    (error: unknown) => console.warn('Folders cannot be shared as one', error)
  )
}
