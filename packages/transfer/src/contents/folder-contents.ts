import { join } from 'node:path'
import { ContentUnreadableError } from '../errors.ts'
import type { Content } from '../types.ts'
import { type FileContentOptions, fileContent } from './file-content.ts'
import { FILES_MAX, type FolderProblem, listFolder, rootOf, sentenceOf } from './folder-listing.ts'

export interface FolderContents {
  readonly contents: readonly Content[]
  readonly problems: readonly FolderProblem[]
}

/**
 * Finds the files in a folder and the folders below it, in the order of their paths. What cannot be shared is told and
 * skipped: unreadable files, symbolic links that lead out of the folder. Files whose names begin with a dot are hidden,
 * as the person meant them to be, and not told.
 *
 * @throws ContentUnreadableError when the folder itself cannot be read
 */
export async function folderContents(folder: string, options: FileContentOptions = {}): Promise<FolderContents> {
  const root = await rootOf(folder)
  const contents: Content[] = []
  const problems: FolderProblem[] = []
  const skip = (path: string, reason: string): void => {
    if (problems.length < FILES_MAX) problems.push({ path, reason })
  }
  const walk = async (path: string): Promise<void> => {
    const listing = await listFolder(root, path)
    for (const problem of listing.problems) skip(problem.path, problem.reason)
    for (const below of [...listing.files.keys(), ...listing.folders.keys()].sort()) {
      try {
        if (listing.folders.has(below)) await walk(below)
        else if (contents.length < FILES_MAX) contents.push(await fileContent(join(root, below), options))
        else skip(below, `Only ${FILES_MAX} files of a folder are shared.`)
      } catch (error) {
        skip(below, sentenceOf(error))
      }
    }
  }
  await walk('').catch((error: unknown) => {
    throw new ContentUnreadableError(`${root} cannot be read`, { cause: error })
  })
  return { contents, problems }
}
