/**
 * What a peer with a file system does besides: shares a folder as it is at any time.
 *
 * @packageDocumentation
 */
export { FolderShare, type FolderShareListener } from './disk/folder-share.ts'
