import { readSettings } from '../settings.ts'

/** Fixed for the life of the page: another address is another page. */
export const settings = readSettings(new URL(location.href))
