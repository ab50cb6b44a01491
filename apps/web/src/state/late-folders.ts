/** What folders need beyond their looks: loaded when the page is there, as one. */
export { getAll, getListed } from './get-folder.ts'
export { fileShared, foldersChanged } from './offer-folders.ts'
