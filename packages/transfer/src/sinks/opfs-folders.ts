/** The folder of the origin private file system that downloads are written in: one folder each, named by its CID. */
const FOLDER = 'servent-downloads'

/** The bytes of a download, in its folder. */
export const OPFS_BYTES = 'bytes'

/** What of them is there, in the same folder. */
export const OPFS_JOURNAL = 'journal'

/** The owner that the journal of a file has once it is whole and handed over. */
export const OPFS_HANDED_OVER = 1

/** The folder of all downloads; made if there is none. */
export async function downloadsFolder(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  return root.getDirectoryHandle(FOLDER, { create: true })
}
