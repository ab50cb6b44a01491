/**
 * What needs a file system: sharing files and folders, and writing downloads to disk.
 *
 * @packageDocumentation
 */

export { type FileContentOptions, fileContent } from './contents/file-content.ts'
export { type FolderContents, folderContents } from './contents/folder-contents.ts'
export type { FolderProblem } from './contents/folder-listing.ts'
export { type FolderWatch, type WatchListener, watchFolder } from './contents/folder-watch.ts'
export { IdentityCache, type IdentityCacheOptions } from './identities/identity-cache.ts'
export { type FileSink, fileSink, fileSinkIn, type SinkFile } from './sinks/file-sink.ts'
