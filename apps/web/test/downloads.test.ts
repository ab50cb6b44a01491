import { DownloadError, type DownloadFailure, SinkFailedError, SinkFullError } from '@servent/transfer'
import { describe, expect, it } from 'vitest'
import { isActive, isBusy, isOver, keptOf, newDownload } from '../src/state/download.ts'
import { stateAfter } from '../src/state/download-failure.ts'
import { reachabilityOf } from '../src/state/hits.ts'
import { hit, peer, source } from './samples.ts'

function stateAfterReason(reason: DownloadFailure) {
  return stateAfter(new DownloadError(`It ended: ${reason}.`, { reason }))
}

describe('stateAfter', () => {
  it.each(['unreachable', 'not-found', 'stalled', 'busy', 'refused', 'corrupt'] as const)(
    'waits for another source when the known ones are of no use: %s',
    (reason) => {
      expect(stateAfterReason(reason)).toEqual({ phase: 'waiting', for: 'source', problem: `It ended: ${reason}.` })
    }
  )

  it('pauses for want of room, told by the download or by opening its place', () => {
    for (const state of [stateAfterReason('sink-full'), stateAfter(new SinkFullError('Full.'))]) {
      expect(state).toMatchObject({ phase: 'paused', note: expect.stringContaining('room') })
    }
  })

  it('fails with the sentence of the place when that cannot be written to', () => {
    expect(stateAfterReason('sink-failed')).toEqual({ phase: 'failed', problem: 'It ended: sink-failed.' })
    expect(stateAfter(new SinkFailedError('No.'))).toEqual({ phase: 'failed', problem: 'No.' })
  })

  it('says of what nobody thought of only that it did not work', () => {
    expect(stateAfter(new TypeError('x is not a function'))).toEqual({ phase: 'failed', problem: 'It did not work.' })
  })
})

describe('a download', () => {
  const found = hit('x', { sources: [source('a'), source('b')] })
  const kept = { cid: 'x', hit: found, place: undefined, isPaused: false, addedAtMs: 7 }

  it('is kept as it was, and begins with its turn', () => {
    const download = newDownload(kept)
    expect(download.state.value).toEqual({ phase: 'waiting', for: 'turn' })
    expect(keptOf(download)).toEqual(kept)
  })

  it('stays paused over a reload, also when a person has to do something first', () => {
    const download = newDownload({ ...kept, isPaused: true })
    expect(download.state.value.phase).toBe('paused')
    expect(keptOf(download).isPaused).toBe(true)
    download.state.value = { phase: 'failed', problem: 'The disk is gone.' }
    expect(keptOf(download).isPaused).toBe(true)
    download.state.value = { phase: 'waiting', for: 'source', problem: 'It left.' }
    expect(keptOf(download).isPaused).toBe(false)
  })

  it('is one of active, resting and over', () => {
    expect(isActive({ phase: 'checking' })).toBe(true)
    expect(isBusy('waiting')).toBe(false)
    expect(isOver({ phase: 'canceled' })).toBe(true)
    expect(isOver({ phase: 'failed', problem: '' })).toBe(false)
  })
})

describe('reachabilityOf', () => {
  it('counts the sources that are connected straight, and those behind a relay', () => {
    const peers = [peer('a'), peer('b', { path: 'relayed', isKeeper: true }), peer('d')]
    const found = hit('x', { sources: [source('a'), source('b'), source('c')] })
    expect(reachabilityOf(found, peers)).toEqual({ sources: 3, direct: 1, relayed: 1, keepers: 1 })
  })
})
