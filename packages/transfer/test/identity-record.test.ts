import { describe, expect, it } from 'vitest'
import {
  CHUNK_BYTES,
  decodeIdentity,
  encodeIdentity,
  IdentityRecordError,
  identify,
  memoryContent,
} from '../src/index.ts'
import { patterned } from './bytes.ts'

async function recordOf(size: number): Promise<Uint8Array> {
  return encodeIdentity(await identify(memoryContent('file.bin', patterned(size))))
}

/** What reading gives, by its name. */
async function read(bytes: Uint8Array): Promise<unknown> {
  return decodeIdentity(bytes).then(
    () => 'an identity',
    (error: unknown) => (error instanceof IdentityRecordError ? 'no identity' : error)
  )
}

describe('what is kept of an identity', () => {
  it.each([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1])('gives the identity of a file of %i bytes back', async (size) => {
    const identity = await identify(memoryContent('file.bin', patterned(size)))
    const record = await encodeIdentity(identity)
    expect(await decodeIdentity(record)).toEqual(identity)
    const amid = new Uint8Array(record.length + 14)
    amid.set(record, 7)
    expect(await decodeIdentity(amid.subarray(7, 7 + record.length))).toEqual(identity)
  })

  it('is refused with any bit changed, and at any shorter or longer length', async () => {
    const record = await recordOf(CHUNK_BYTES + 1)
    for (let at = 0; at < record.length; at++) {
      const changed = record.slice()
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      expect(await read(changed), `byte ${at}`).toBe('no identity')
      expect(await read(record.subarray(0, at)), `${at} bytes`).toBe('no identity')
    }
    expect(await read(new Uint8Array([...record, 0]))).toBe('no identity')
  })

  it('is refused when its chunks are not those of its CID, though its checksum is right', async () => {
    const one = await identify(memoryContent('one', patterned(CHUNK_BYTES + 1, 1)))
    const other = await identify(memoryContent('other', patterned(CHUNK_BYTES + 1, 2)))
    expect(await read(await encodeIdentity({ ...one, leaves: other.leaves }))).toBe('no identity')
    expect(await read(await encodeIdentity({ ...one, size: 1, leaves: one.leaves.subarray(0, 32) }))).toBe(
      'no identity'
    )
  })
})
