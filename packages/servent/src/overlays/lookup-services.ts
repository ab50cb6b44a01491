import type { Startable } from '@libp2p/interface'
import { type KadDHT, kadDHT } from '@libp2p/kad-dht'
import { can } from '@servent/can/libp2p'
import { chord } from '@servent/chord/libp2p'
import type { Commons } from '@servent/libp2p-host'
import { pastry } from '@servent/pastry/libp2p'
import type { ServentNode } from '../node.ts'
import type { LookupOverlayName } from '../types.ts'
import { KADEMLIA_PROTOCOL, KademliaOverlay, kademliaInit } from './kademlia-overlay.ts'
import type { LookupOverlay } from './lookup-overlay.ts'
import { StructuredOverlay } from './structured-overlay.ts'

// Loaded as late as these, and needed as seldom.
export { makeFolder } from '@servent/transfer'
export { FolderLister } from '../fetch/folder-lister.ts'

/** A structured overlay that runs, and how to end it. */
export interface RunningLookup {
  readonly overlay: LookupOverlay
  stop(): Promise<void>
}

/** Starts the structured overlays that are wanted on a node that runs. One that cannot start leaves the others as they are. */
export async function startLookups(
  node: ServentNode,
  commons: Commons,
  names: readonly LookupOverlayName[]
): Promise<readonly RunningLookup[]> {
  const { components } = node.services.parts
  const structured = [
    names.includes('pastry') && new StructuredOverlay('pastry', 'Pastry', pastry()(components)),
    names.includes('chord') && new StructuredOverlay('chord', 'Chord', chord()(components)),
    names.includes('can') && new StructuredOverlay('can', 'CAN', can()(components)),
  ].filter((overlay) => overlay !== false)
  const starting = structured.map(async (overlay): Promise<RunningLookup> => {
    await overlay.start()
    return { overlay, stop: () => overlay.stop() }
  })
  if (names.includes('kademlia')) starting.push(startKademlia(node, commons))
  const running: RunningLookup[] = []
  for (const started of await Promise.allSettled(starting)) {
    if (started.status === 'fulfilled') running.push(started.value)
    else node.logger.forComponent('servent:lookups').error('not started: %s', started.reason)
  }
  return running
}

async function startKademlia(node: ServentNode, commons: Commons): Promise<RunningLookup> {
  const dht = kadDHT(kademliaInit)(node.services.parts.components) as KadDHT & Startable
  await dht.start()
  await tellOfConnected(node)
  const overlay = new KademliaOverlay(dht, node.peerId.toString(), commons)
  const stop = async (): Promise<void> => {
    await dht.stop()
    // kad-dht itself goes on to take streams.
    await node.unhandle(KADEMLIA_PROTOCOL)
  }
  return { overlay, stop }
}

/**
 * Has libp2p tell Kademlia of peers that are connected already: it tells a service only of what changes from its start on,
 * a connection or what a connected peer speaks.
 */
async function tellOfConnected(node: ServentNode): Promise<void> {
  const { peerStore } = node
  for (const peerId of node.getPeers()) {
    try {
      const { protocols } = await peerStore.get(peerId)
      if (!protocols.includes(KADEMLIA_PROTOCOL)) continue
      await peerStore.patch(peerId, { protocols: protocols.filter((protocol) => protocol !== KADEMLIA_PROTOCOL) })
      await peerStore.merge(peerId, { protocols: [KADEMLIA_PROTOCOL] })
    } catch (error) {
      // The store forgets a peer after six hours, connected or not: identify will tell of it the next time.
      node.logger.forComponent('servent:lookups')('nothing is known of %s: %s', peerId, error)
    }
  }
}
