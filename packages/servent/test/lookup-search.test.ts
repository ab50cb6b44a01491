import { setTimeout as later } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { LookupSearch } from '../src/overlays/lookup-search.ts'
import { CallsOverlay } from './calls-overlay.ts'

const cid = CID.createV1(raw.code, createDigest(0x12, new Uint8Array(32)))
const question = { words: 'a file', cid: cid.bytes, size: 100, ttl: undefined }

/** A search of one overlay, and what it told. */
function searchOf(asked: typeof question | (Omit<typeof question, 'cid'> & { readonly cid: undefined })) {
  const overlay = new CallsOverlay()
  const told: string[] = []
  const run = new LookupSearch(overlay).ask(asked, {
    onAnswer: ({ peer, hops }) => told.push(`${peer} at ${hops}`),
    onDone: (problem = 'done') => told.push(problem),
  })
  return { overlay, told, run }
}

describe('a look-up as a part of a search', () => {
  it('tells who has the content, how far the way was, and what was sent', async () => {
    const { overlay, told, run } = searchOf(question)
    overlay.listeners[0]?.onWay({ path: ['me', 'a', 'b'], timeouts: 2 })
    overlay.listeners[0]?.onProvider('c')
    overlay.answers[0]?.resolve()
    await later(0)
    expect(told).toEqual(['c at 2', 'done'])
    expect(run).toMatchObject({ sentCount: 4, receivedCount: 2, path: ['me', 'a', 'b'] })
  })

  it('is done at once where words are asked for', async () => {
    const { overlay, told } = searchOf({ ...question, cid: undefined })
    await later(0)
    expect([told, overlay.listeners.length]).toEqual([['done'], 0])
  })

  it('says in a sentence why it failed, whatever was thrown', async () => {
    const { overlay, told } = searchOf(question)
    overlay.answers[0]?.reject(new TypeError('x is not a function'))
    await later(0)
    expect(told).toEqual(['The look-up could not be made.'])
  })

  it('tells nothing any more once it is forgotten', async () => {
    const byCid = searchOf(question)
    byCid.run.forget()
    byCid.overlay.listeners[0]?.onProvider('late')
    byCid.overlay.answers[0]?.reject(new Error('aborted'))
    const byWords = searchOf({ ...question, cid: undefined })
    byWords.run.forget()
    await later(0)
    expect([byCid.told, byWords.told]).toEqual([[], []])
  })
})
