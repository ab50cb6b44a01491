import { prometheusMetrics } from '@libp2p/prometheus-metrics'
import { type Peer, toPeer } from '@servent/machine'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import { commonsOf, overlayService } from '../src/index.ts'
import { makeNode, until } from '../src/testing/index.ts'
import { type NoteEvent, notes } from './notes.ts'

const stops: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

async function makeOverlayNode(onPeerFound?: (peer: Peer) => void) {
  const node = await makeNode({
    notes: overlayService(notes, {}, onPeerFound === undefined ? {} : { onPeerFound }),
  })
  stops.push(async () => node.stop())
  return node
}

describe('an overlay as a libp2p service', () => {
  it('runs with the node and dispatches what its machine tells as typed events', async () => {
    const [a, b] = await Promise.all([makeOverlayNode(), makeOverlayNode()])
    const { machine } = a.services.notes
    const received: NoteEvent[] = []
    b.services.notes.addEventListener('note-received', ({ detail }) => {
      expectTypeOf(detail).toEqualTypeOf<NoteEvent>()
      received.push(detail)
    })
    await a.dial(b.getMultiaddrs())
    machine.write(toPeer(b.peerId.toString()), 'by service')
    await until(() => received.length === 1)
    expect(received[0]).toMatchObject({ text: 'by service', from: a.peerId.toString() })
    expect(b.services.notes.neighbors).toEqual([a.peerId.toString()])
    await a.stop()
    expect(machine.calls.at(-1)).toBe('stop')
    await until(() => b.services.notes.neighbors.length === 0)
  })

  it('finds the connected peers that speak the protocol, once for each connection', async () => {
    const found: Peer[] = []
    const [a, b, other] = await Promise.all([
      makeOverlayNode((peer) => found.push(peer)),
      makeOverlayNode(),
      makeNode(),
    ])
    stops.push(async () => other.stop())
    await a.dial(other.getMultiaddrs())
    await b.dial(a.getMultiaddrs())
    await until(() => found.length === 1)
    expect(found).toEqual([b.peerId.toString()])
  })

  it('finds those too that were connected before it started', async () => {
    const found: Peer[] = []
    const [a, b] = await Promise.all([makeOverlayNode((peer) => found.push(peer)), makeOverlayNode()])
    await a.dial(b.getMultiaddrs())
    await until(() => found.length === 1)
    await a.services.notes.runner.stop()
    await a.services.notes.runner.start()
    expect(found).toHaveLength(2)
  })

  it('starts again with its node', async () => {
    const [a, b] = await Promise.all([makeOverlayNode(), makeOverlayNode()])
    await a.stop()
    await a.start()
    await a.dial(b.getMultiaddrs())
    a.services.notes.machine.write(toPeer(b.peerId.toString()), 'after a restart')
    await until(() => b.services.notes.machine.noteCount === 1)
  })

  it('shares its commons with the other overlays of the node', async () => {
    const node = await makeOverlayNode()
    expect(commonsOf(node)).toBe(node.services.notes.runner.commons)
  })

  it('counts its drops in the metrics of the node', async () => {
    const registry = new Registry()
    const node = await makeNode({ notes: overlayService(notes) }, { metrics: prometheusMetrics({ registry }) })
    stops.push(async () => node.stop())
    node.services.notes.machine.write(toPeer(node.peerId.toString()), 'note to self')
    const lines = (await registry.metrics()).split('\n')
    expect(lines).toContain('servent_notes_1_0_0_drops_total{reason="self"} 1')
    expect(lines).toContain('servent_notes_1_0_0_drops_total{reason="unreachable:Note"} 1')
    expect(lines).toContain('servent_notes_1_0_0_neighbors 0')
    expect(lines).toContain('servent_notes_1_0_0_traffic{of="framesOut"} 0')
  })
})
