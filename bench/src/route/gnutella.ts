import type { Libp2p } from '@libp2p/interface'
import { type GnutellaConfig, type Message, gnutella04 as protocol, Servent } from '@servent/gnutella'
import { dropPriority } from '@servent/gnutella/libp2p'
import { type Limits, runProtocol } from '@servent/libp2p-host'
import { Library } from '@servent/library'
import type { Peer } from '@servent/machine'
import { type Contestant, type NetworkOptions, until } from './contestant.ts'
import { makeStar } from './star.ts'

/** 54 bytes, which make a descriptor of 80. */
const CRITERIA = 'piano trio live at the blue note new york club in 1959'

/** Each word of the criteria is in a name, but no name has them all: a leaf looks, and has nothing to answer. */
const NAMES = ['live at the blue note in new york', 'piano trio club 1959']

/** Rates are what keeps a neighbor from doing what a bench does. */
const LIMITS: Partial<Limits> = {
  framesPerSecond: 1e9,
  framesBurst: 1e9,
  bytesPerSecond: 1e12,
  bytesBurst: 1e12,
}

const CONFIG: Partial<GnutellaConfig> = {
  neighborsTarget: 0,
  neighborsMax: 100,
  handshakesMax: 100,
  maintenanceIntervalMs: 0,
  joinTtl: 0,
  queryIntervalMs: 0,
}

/** Servents of Gnutella 0.4: queries of one flooded by another. */
export const gnutella04: Contestant = async (options) => {
  const { hub, source, leaves } = await makeStar(options.transport, options.leafCount, () => ({}))
  const hubRunner = await run(hub, CONFIG)
  const sourceRunner = await run(source, CONFIG)
  const leafRunners = await Promise.all(leaves.map((leaf) => runLeaf(leaf, options)))
  for (const { machine } of [sourceRunner, ...leafRunners]) machine.connect(hubRunner.self)
  await until(() => [sourceRunner, ...leafRunners].every(({ machine }) => machine.neighbors.length === 1))
  await until(() => hubRunner.machine.neighbors.length === 1 + options.leafCount)
  return {
    send(count) {
      for (let i = 0; i < count; i++) sourceRunner.machine.query(CRITERIA)
    },
    stop: async () => {
      await Promise.all([hubRunner, sourceRunner, ...leafRunners].map((runner) => runner.stop()))
      await Promise.all([hub, source, ...leaves].map((node) => node.stop()))
    },
  }
}

async function run(node: Libp2p, config: Partial<GnutellaConfig>) {
  const runner = runProtocol(node, protocol, config, { limits: LIMITS, dropPriority })
  await runner.start()
  return runner
}

async function runLeaf(node: Libp2p, { onDelivery }: NetworkOptions) {
  const library = new Library()
  for (const name of NAMES) library.add({ name, size: 1, sha1: undefined, cid: undefined })
  const counting = {
    ...protocol,
    create: (...args: ConstructorParameters<typeof Servent>) => new CountingServent(onDelivery, ...args),
  }
  const runner = runProtocol(node, counting, { ...CONFIG, library }, { limits: LIMITS, dropPriority })
  await runner.start()
  return runner
}

/** A servent that tells of each query that reaches it. */
class CountingServent extends Servent {
  readonly #onQuery: () => void

  constructor(onQuery: () => void, ...args: ConstructorParameters<typeof Servent>) {
    super(...args)
    this.#onQuery = onQuery
  }

  override onMessage(from: Peer, message: Message): void {
    super.onMessage(from, message)
    if (message.type === 'Query') this.#onQuery()
  }
}
