import { DownloadError } from '@servent/transfer'
import { expect, it } from 'vitest'
import { sentenceOf } from '../src/state/problems.ts'

it('lets errors that are made for people speak for themselves', () => {
  const error = new DownloadError('Amber Otter cannot be reached.', { reason: 'unreachable' })
  expect(sentenceOf(error)).toBe('Amber Otter cannot be reached.')
})

it.each([
  'NotReadableError',
  'ContentUnreadableError',
  'QuotaExceededError',
  'NotAllowedError',
  'AbortError',
  'TypeError',
])('has a sentence for %s that shows nothing of its insides', (name) => {
  const error = Object.assign(new Error('0xdeadbeef'), { name })
  expect(sentenceOf(error)).toMatch(/^[A-Z].*\.$/)
  expect(sentenceOf(error)).not.toContain('0xdeadbeef')
})

it('has a sentence for what is no error at all', () => {
  expect(sentenceOf(undefined)).toBe('It did not work.')
})
