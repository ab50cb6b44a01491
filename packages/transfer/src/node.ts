/**
 * What needs a file system: sharing files and folders, and writing downloads to disk.
 *
 * @packageDocumentation
 */

export { type FileContentOptions, fileContent } from './contents/file-content.ts'
export { type FolderContents, type FolderProblem, folderContents } from './contents/folder-contents.ts'
export { IdentityCache, type IdentityCacheOptions } from './identities/identity-cache.ts'
export { type FileSink, fileSink } from './sinks/file-sink.ts'
