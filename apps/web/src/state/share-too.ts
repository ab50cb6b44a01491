import type { Download } from './download.ts'
import { hashings, shareFiles, shares } from './shares.ts'

/** Whether a finished download can be offered to others from here, and is not yet. */
export function canShareToo({ cid, file }: Download): boolean {
  const finished = file.value
  return (
    finished !== undefined &&
    !shares.value.some((share) => share.cid === cid) &&
    !hashings.value.some((hashing) => hashing.chosen.file === finished)
  )
}

/** Offers a finished download to others: one source more. As long as this tab is open, or, at a chosen place, on the next visit too. */
export function shareToo({ file, place }: Download): void {
  if (file.value !== undefined) shareFiles([{ file: file.value, handle: place, folder: undefined }])
}
