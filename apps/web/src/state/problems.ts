/**
 * What went wrong, as a sentence for a person. Errors made for people (they carry a `reason`) speak for themselves; of the others only what they
 * mean to a person is said, their own words go to the console.
 */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return 'It did not work.'
  if ('reason' in error && typeof error.reason === 'string' && error.message !== '') return error.message
  switch (error.name) {
    case 'ContentUnreadableError':
    case 'NotReadableError':
    case 'NotFoundError':
      return 'The file cannot be read: it was moved, changed or deleted since it was chosen.'
    case 'SinkFullError':
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
