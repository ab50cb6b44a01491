/** Errors of this project whose message is a sentence for a person. */
const MADE_FOR_PEOPLE = new Set([
  'DownloadError',
  'SinkFailedError',
  'SinkFullError',
  'LibraryFullError',
  'LookupError',
  'ProbeError',
])

/**
 * What went wrong, as a sentence for a person. Errors that are made for people speak for themselves; of the others only what they mean to
 * a person is said, their own words go to the console.
 */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'It did not work.'
  if (MADE_FOR_PEOPLE.has(error.name) && error.message !== '') return error.message
  switch (error.name) {
    case 'ContentUnreadableError':
    case 'NotReadableError':
    case 'NotFoundError':
      return 'The file cannot be read: it was moved, changed or deleted since it was chosen.'
    case 'QuotaExceededError':
      return 'There is no room left for this file. Free some space, then try again.'
    case 'NotAllowedError':
    case 'SecurityError':
      return 'The browser did not allow it.'
    case 'AbortError':
      return 'It was stopped.'
    default:
      return 'It did not work.'
  }
}
