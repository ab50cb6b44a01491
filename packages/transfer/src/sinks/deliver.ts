/** Hands a finished file to the person. If it rejects, the file is kept, and another run hands it over again. */
export type Deliver = (file: Blob, name: string) => void | Promise<void>

/** How long the browser may take to begin reading a file that was handed over, in milliseconds. */
const REVOKE_AFTER_MS = 60_000

/** Hands a file over as an ordinary download. The browser reads it from where it is; nothing is copied into memory. */
export const deliverAsDownload: Deliver = (file, name) => {
  // Never shown in our origin, whatever a peer sent.
  const url = URL.createObjectURL(new Blob([file], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS)
}

/** Copies a file to the place that a person chose with `showSaveFilePicker`, piece by piece. Until all is there the place has none of it. */
export function deliverTo(handle: FileSystemFileHandle): Deliver {
  return async (file) => file.stream().pipeTo(await handle.createWritable())
}
