import { describe, expect, it } from 'vitest'
import { blobSink } from '../src/browser.ts'
import { chooseSink, MemorySink, SinkFailedError, SinkFullError } from '../src/index.ts'
import { writeErrorOf } from '../src/sinks/writable-file.ts'

const MIB = 1_048_576

describe('how a browser saves a file', () => {
  const all = { hasSavePicker: true, hasOpfs: true, freeBytes: 1_000 * MIB }

  it.each([
    ['a small one', all, MIB, 'blob'],
    ['where it can ask for a place', all, 100 * MIB, 'picker'],
    ['in its own file system', { ...all, hasSavePicker: false }, 100 * MIB, 'opfs'],
    [
      'in its own file system, as far as is known',
      { hasSavePicker: false, hasOpfs: true, freeBytes: undefined },
      1e12,
      'opfs',
    ],
    ['in memory when there is no room elsewhere', { ...all, hasSavePicker: false, freeBytes: 0 }, 100 * MIB, 'blob'],
    ['in memory when there is nothing else', { ...all, hasSavePicker: false, hasOpfs: false }, 512 * MIB, 'blob'],
  ] as const)('%s', (_, capabilities, size, kind) => {
    expect(chooseSink(capabilities, size).kind).toBe(kind)
  })

  it('not at all when it is too big, with the reason', () => {
    expect(chooseSink({ ...all, hasSavePicker: false }, 2_000 * MIB)).toEqual({
      kind: 'none',
      reason: 'There is not enough space for this file.',
    })
    const none = { hasSavePicker: false, hasOpfs: false, freeBytes: undefined }
    expect(chooseSink(none, 513 * MIB)).toEqual({
      kind: 'none',
      reason: 'This browser cannot save files larger than 512 MiB.',
    })
  })
})

describe('a sink in memory', () => {
  it('hands over a blob with its chunks in their order, under a safe name', async () => {
    const delivered: [Blob, string][] = []
    const sink = blobSink('../a.txt', 6, (file, name) => void delivered.push([file, name]))
    const buffer = new TextEncoder().encode('def')
    await sink.write(3, buffer)
    buffer.set(new TextEncoder().encode('abc'))
    await sink.write(0, buffer)
    await sink.close()
    expect([await delivered[0]?.[0].text(), delivered[0]?.[1]]).toEqual(['abcdef', '_a.txt'])
  })

  it('hands over nothing when it is aborted, and refuses what is too big', async () => {
    let count = 0
    const sink = blobSink('a', 3, () => void count++)
    await sink.write(0, new Uint8Array(3))
    await sink.abort()
    expect(count).toBe(0)
    expect(() => blobSink('a', 513 * MIB)).toThrow(SinkFailedError)
  })

  it('has its bytes only when it is closed, and no room for more', async () => {
    const sink = new MemorySink(3)
    await sink.write(0, Uint8Array.of(1, 2, 3))
    expect(sink.bytes).toBeUndefined()
    await expect(sink.write(1, Uint8Array.of(1, 2, 3))).rejects.toThrow(SinkFullError)
    await sink.close()
    expect(sink.bytes).toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('a browser error on writing', () => {
  it.each([
    ['QuotaExceededError', 'SinkFullError', /not enough space/],
    ['NotAllowedError', 'SinkFailedError', /does not permit/],
    ['NotFoundError', 'SinkFailedError', /was removed/],
    ['InvalidStateError', 'SinkFailedError', /cannot be written: odd/],
  ])('%s is a %s', (name, type, message) => {
    const error = writeErrorOf(new DOMException('odd', name))
    expect(error.name).toBe(type)
    expect(error.message).toMatch(message)
  })
})
