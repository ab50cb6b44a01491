import { floodsub } from '@libp2p/floodsub'
import { gossipsub } from '@libp2p/gossipsub'
import { type Contestant, MESSAGE_BYTES, type Network, type NetworkOptions, until } from './contestant.ts'
import { makeStar, type Star } from './star.ts'

const TOPIC = 'queries'

/** What both have. */
interface PubSub {
  subscribe(topic: string): void
  getSubscribers(topic: string): readonly unknown[]
  publish(topic: string, data: Uint8Array): Promise<unknown>
  addEventListener(type: 'message', listener: () => void): void
}

/** `@libp2p/floodsub`, signed: without signatures it hands on nothing. */
export const flood: Contestant = async (options) => {
  const star = await makeStar(options.transport, options.leafCount, () => ({ pubsub: floodsub() }))
  return publishing(star, options)
}

/** `@libp2p/gossipsub` with every leaf in the mesh. */
export const gossipSigned: Contestant = (options) => gossip(options, 'StrictSign')

/** The same without signatures. */
export const gossipUnsigned: Contestant = (options) => gossip(options, 'StrictNoSign')

async function gossip(options: NetworkOptions, globalSignaturePolicy: 'StrictSign' | 'StrictNoSign'): Promise<Network> {
  // The source is in the mesh, too.
  const D = options.leafCount + 1
  const star = await makeStar(options.transport, options.leafCount, () => ({
    // All have one address here, which is no attack.
    pubsub: gossipsub({
      globalSignaturePolicy,
      D,
      Dlo: 4,
      Dhi: D + 1,
      Dout: 2,
      scoreParams: { IPColocationFactorWeight: 0 },
    }),
  }))
  const mesh = new Set<string>()
  star.hub.services.pubsub.addEventListener('gossipsub:graft', ({ detail }) => mesh.add(detail.peerId))
  const network = await publishing(star, options)
  await until(() => mesh.size === D)
  return network
}

async function publishing(star: Star<{ pubsub: PubSub }>, { leafCount, onDelivery }: NetworkOptions): Promise<Network> {
  const { hub, source, leaves } = star
  const nodes = [hub, source, ...leaves]
  for (const { services } of nodes) services.pubsub.subscribe(TOPIC)
  for (const { services } of leaves) services.pubsub.addEventListener('message', onDelivery)
  const subscribersOf = ({ services }: typeof hub) => services.pubsub.getSubscribers(TOPIC).length
  await until(() => subscribersOf(hub) > leafCount && subscribersOf(source) === 1)
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
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}
