import { setTimeout as later } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { Announcer } from '../src/overlays/announcer.ts'
import { LookupError, type LookupOverlay } from '../src/overlays/lookup-overlay.ts'
import { CallsOverlay } from './calls-overlay.ts'

const cidOf = (byte: number) => CID.createV1(raw.code, createDigest(0x12, new Uint8Array(32).fill(byte))).toString()

function announcerOf(overlay: LookupOverlay, stopped = new AbortController()) {
  const errors: unknown[] = []
  return { announcer: new Announcer(overlay, stopped.signal, (error) => errors.push(error)), errors, stopped }
}

/** Lets everything run that waits for nothing from outside. */
const settle = () => later(0)

describe('an announcer', () => {
  it('tells of four files at once, and of the next when one is told', async () => {
    const overlay = new CallsOverlay()
    const { announcer } = announcerOf(overlay)
    for (let i = 0; i < 10; i++) announcer.provide(cidOf(i))
    expect(overlay.provided).toHaveLength(4)
    overlay.answers[0]?.resolve()
    await settle()
    expect(overlay.provided).toHaveLength(5)
    for (let i = 1; i < 10; i++) {
      overlay.answers[i]?.resolve()
      await settle()
    }
    expect(overlay.provided).toEqual(Array.from({ length: 10 }, (_, i) => cidOf(i)))
  })

  it('tells again of what failed, when it is told to', async () => {
    const overlay = new CallsOverlay()
    const { announcer, errors } = announcerOf(overlay)
    announcer.provide(cidOf(1))
    overlay.answers[0]?.reject(new LookupError('knows nobody'))
    await settle()
    expect([overlay.provided.length, errors.length]).toEqual([1, 1])
    announcer.retry()
    expect(overlay.provided).toEqual([cidOf(1), cidOf(1)])
    overlay.answers[1]?.resolve()
    await settle()
    announcer.retry()
    expect(overlay.provided).toHaveLength(2)
  })

  it('tells of a file that is shared again while it was being told of, and of none that is not shared any more', async () => {
    const overlay = new CallsOverlay()
    const { announcer } = announcerOf(overlay)
    announcer.provide(cidOf(1))
    announcer.stopProviding(cidOf(1))
    announcer.provide(cidOf(1))
    overlay.answers[0]?.resolve()
    await settle()
    expect(overlay.provided).toHaveLength(2)
    announcer.stopProviding(cidOf(1))
    overlay.answers[1]?.reject(new LookupError('too late'))
    await settle()
    announcer.retry()
    expect(overlay.provided).toHaveLength(2)
    expect(overlay.unprovided).toEqual([cidOf(1), cidOf(1)])
  })

  it('tells of nothing once the peer has stopped', async () => {
    const overlay = new CallsOverlay()
    const { announcer, errors, stopped } = announcerOf(overlay)
    for (let i = 0; i < 6; i++) announcer.provide(cidOf(i))
    stopped.abort(new LookupError('stopped'))
    for (const answer of overlay.answers.slice()) answer.reject(stopped.signal.reason)
    await settle()
    announcer.retry()
    announcer.provide(cidOf(7))
    expect([overlay.provided.length, errors.length]).toEqual([4, 4])
  })
})
