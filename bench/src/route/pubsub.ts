import { type FloodSub, floodsub } from '@libp2p/floodsub'
import { type GossipSub, gossipsub } from '@libp2p/gossipsub'
import type { Libp2pOptions } from 'libp2p'
import { type Contestant, MESSAGE_BYTES, type Network, type NetworkOptions, until } from './contestant.ts'
import { makeStar } from './star.ts'

const TOPIC = 'queries'

/** Messages are published all together, so more may be under way in one node than its default of ten. */
type PubSub = FloodSub | GossipSub
type Factory = NonNullable<Libp2pOptions<{ pubsub: PubSub }>['services']>['pubsub']

/** `@libp2p/floodsub`, signed: without signatures it hands on nothing. */
export const flood: Contestant = (options) => publishing(options, () => floodsub())

/** `@libp2p/gossipsub` with every leaf in the mesh. */
export const gossipSigned: Contestant = (options) => publishing(options, () => gossip(options, 'StrictSign'))

export const gossipUnsigned: Contestant = (options) => publishing(options, () => gossip(options, 'StrictNoSign'))

function gossip({ leafCount }: NetworkOptions, globalSignaturePolicy: 'StrictSign' | 'StrictNoSign') {
  // The source is in the mesh, too.
  return gossipsub({ globalSignaturePolicy, D: leafCount + 1, Dlo: 4, Dhi: leafCount + 2, Dout: 2 })
}

async function publishing(options: NetworkOptions, factory: () => Factory): Promise<Network> {
  const { transport, leafCount, onDelivery } = options
  const { hub, source, leaves } = await makeStar<{ pubsub: PubSub }>(transport, leafCount, () => ({
    pubsub: factory(),
  }))
  for (const { services } of [hub, source, ...leaves]) services.pubsub.subscribe(TOPIC)
  for (const { services } of leaves) services.pubsub.addEventListener('message', onDelivery)
  await until(() => reachable(hub.services.pubsub) > leafCount && reachable(source.services.pubsub) === 1)
  let sequence = 0
  return {
    send(count) {
      for (let i = 0; i < count; i++) {
        const data = new Uint8Array(MESSAGE_BYTES)
        new DataView(data.buffer).setUint32(0, sequence++)
        source.services.pubsub.publish(TOPIC, data).catch((error: unknown) => {
          process.stderr.write(`A message was not published: ${error}\n`)
        })
      }
    },
    stop: async () => {
      await Promise.all([hub, source, ...leaves].map((node) => node.stop()))
    },
  }
}

/** Peers that a message would go to. */
function reachable(pubsub: PubSub): number {
  return 'getMeshPeers' in pubsub ? pubsub.getMeshPeers(TOPIC).length : pubsub.getSubscribers(TOPIC).length
}
