import type { BootstrapStatus, NetworkStatus, PeerStatus } from '@servent/servent'
import { describe, expect, it } from 'vitest'
import { connectionLine, networkNotes, pathLine } from '../src/state/network-words.ts'
import { peer } from './samples.ts'

const HOME: BootstrapStatus = { url: 'http://localhost:8080', state: 'connected', problem: undefined }
const AWAY: BootstrapStatus = { ...HOME, state: 'unreachable', problem: 'It does not answer.' }

function status(peers: readonly PeerStatus[], change: Partial<NetworkStatus> = {}): NetworkStatus {
  return {
    phase: 'online',
    peers,
    directCount: peers.filter(({ path }) => path === 'direct').length,
    relayedCount: peers.filter(({ path }) => path === 'relayed').length,
    bootstraps: [HOME],
    hasWebRTC: true,
    gnutella: { version: '0.6', role: 'leaf' },
    napster: { role: 'off', index: undefined },
    lookups: [],
    ...change,
  }
}

function notesOf(network: NetworkStatus, isWebRTCWanted = true): readonly string[] {
  return networkNotes(network, isWebRTCWanted)
}

describe('connectionLine', () => {
  it('counts direct and relayed peers', () => {
    const three = [peer('a'), peer('b'), peer('c', { path: 'relayed' })]
    expect(connectionLine(status(three))).toBe('connected to 3 peers (2 direct, 1 relayed)')
    expect(connectionLine(status([peer('a')]))).toBe('connected to 1 peer (1 direct, 0 relayed)')
  })

  it('says what goes on while nobody is connected', () => {
    expect(connectionLine(status([], { phase: 'starting' }))).toBe('starting…')
    expect(connectionLine(status([], { phase: 'connecting' }))).toBe('connecting…')
    expect(connectionLine(status([], { phase: 'alone' }))).toBe('connected to nobody yet')
    expect(connectionLine(status([], { phase: 'stopped' }))).toBe('stopped')
  })
})

describe('networkNotes', () => {
  it('has nothing to say when all is well', () => {
    expect(notesOf(status([peer('a')]))).toEqual([])
  })

  it('says what still works when the bootstrap node is away', () => {
    const [note] = notesOf(status([peer('a'), peer('b'), peer('c')], { bootstraps: [AWAY] }))
    expect(note).toContain('The bootstrap node is away. You can still search and fetch among the 3 peers')
  })

  it('says why nothing works when nobody at all is there', () => {
    const [note] = notesOf(status([], { phase: 'alone', bootstraps: [AWAY] }))
    expect(note).toContain('It does not answer.')
    expect(note).toContain('keeps trying')
  })

  it('keeps quiet while one of two bootstrap nodes is there', () => {
    expect(notesOf(status([peer('a')], { bootstraps: [AWAY, HOME] }))).toEqual([])
  })

  it('says why files cannot come directly without WebRTC', () => {
    expect(notesOf(status([peer('a')], { hasWebRTC: false }))[0]).toContain('This browser has no WebRTC')
    expect(notesOf(status([peer('a')], { hasWebRTC: false }), false)[0]).toContain('switched off')
  })
})

describe('pathLine', () => {
  it('names the way', () => {
    expect(pathLine(peer('a'))).toBe('direct, WebRTC')
    expect(pathLine(peer('a', { transport: 'websocket' }))).toBe('direct, WebSocket')
    expect(pathLine(peer('a', { path: 'relayed' }))).toBe('through a relay')
    expect(pathLine(peer('a', { transport: 'other' }))).toBe('direct')
  })
})
