/**
 * What a peer shares, found by words. One tokenizer, {@link keywords}, folds names and queries alike; {@link Library} is
 * the index over it; {@link safeName} makes a name that came from the network fit to be shown and saved.
 *
 * @packageDocumentation
 */
export { holdsAll, keywords } from './keywords.ts'
export { EMPTY_LIBRARY, Library, type LibraryOptions } from './library.ts'
export { NAME_BYTES_MAX, safeName, truncateUtf8 } from './safe-name.ts'
export type { NewFile, SharedFile } from './shared-file.ts'
