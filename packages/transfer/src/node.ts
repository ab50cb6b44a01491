/**
 * What needs a file system: sharing files and folders, and writing downloads to disk.
 *
 * @packageDocumentation
 */

export { fileContent } from './contents/file-content.ts'
export { type FolderContents, type FolderProblem, folderContents } from './contents/folder-contents.ts'
export { type FileSink, fileSink } from './sinks/file-sink.ts'
