import type { Libp2p } from '@libp2p/interface'
import { gnutella04, gnutella06, type HybridConfig, HybridServent, type Message, Servent } from '@servent/gnutella'
import { dropPriority } from '@servent/gnutella/libp2p'
import { type Limits, type ProtocolRunner, type RunnerOptions, runProtocol } from '@servent/libp2p-host'
import { Library } from '@servent/library'
import type { Peer } from '@servent/machine'
import { type Contestant, type Network, type NetworkOptions, until } from './contestant.ts'
import { makeStar } from './star.ts'

/** 54 bytes in any order, which make a descriptor of 80. */
const WORDS = 'beethoven pastorale philharmonic instrumental concerto'.split(' ')

/** What is asked for, in turn: few say the same twice in a row. */
const CRITERIA = WORDS.map((_, i) => [...WORDS.slice(i), ...WORDS.slice(0, i)].join(' '))

/**
 * Each of the words is in a name, but no name has them all: a leaf's query route table matches, the leaf looks and
 * has nothing to answer.
 */
const NAMES = ['beethoven pastorale philharmonic', 'instrumental concerto']

/** Rates are what keeps a neighbor from doing what a bench does. */
const LIMITS: Partial<Limits> = {
  framesPerSecond: 1e9,
  framesBurst: 1e9,
  bytesPerSecond: 1e12,
  bytesBurst: 1e12,
}

const OPTIONS: RunnerOptions<Message, unknown> = { limits: LIMITS, dropPriority }

const CONFIG = {
  neighborsTarget: 0,
  neighborsMax: 100,
  handshakesMax: 100,
  maintenanceIntervalMs: 0,
  joinTtl: 0,
  // No limit.
  queryIntervalMs: 0,
} satisfies Partial<HybridConfig>

type Runner = ProtocolRunner<Servent>

/** How a node becomes a servent in its place. */
interface Roles {
  hub(node: Libp2p): Runner
  leaf(node: Libp2p, onQuery: () => void): Runner
}

/** Servents of Gnutella 0.4: a query is flooded to all neighbors. */
export const flooding: Contestant = (options) =>
  connect(options, {
    hub: (node) => runProtocol(node, gnutella04, CONFIG, OPTIONS),
    leaf: (node, onQuery) => {
      const create: typeof gnutella04.create = (host, config) => counted(new Servent(host, config), onQuery)
      return runProtocol(node, { ...gnutella04, create }, { ...CONFIG, library: library() }, OPTIONS)
    },
  })

/** An ultrapeer of Gnutella 0.6 and its leaves: a query goes to those whose query route tables match, here all. */
export const routing: Contestant = (options) =>
  connect(options, {
    hub: (node) => runProtocol(node, gnutella06, { ...CONFIG, role: 'ultrapeer' }, OPTIONS),
    leaf: (node, onQuery) => {
      const create: typeof gnutella06.create = (host, config) => counted(new HybridServent(host, config), onQuery)
      const config = { ...CONFIG, role: 'leaf', library: library() } as const
      return runProtocol(node, { ...gnutella06, create }, config, OPTIONS)
    },
  })

/** The source is a servent of 0.4, whose own queries go out at once, in either network. */
async function connect({ transport, leafCount, onDelivery }: NetworkOptions, roles: Roles): Promise<Network> {
  const { hub, source, leaves } = await makeStar(transport, leafCount, () => ({}))
  const hubRunner = roles.hub(hub)
  const sourceRunner = runProtocol(source, gnutella04, CONFIG, OPTIONS)
  const spokes = [sourceRunner, ...leaves.map((leaf) => roles.leaf(leaf, onDelivery))]
  const runners = [hubRunner, ...spokes]
  await Promise.all(runners.map((runner) => runner.start()))
  for (const { machine } of spokes) machine.connect(hubRunner.self)
  await until(() => spokes.every(({ machine }) => machine.neighbors.length === 1))
  await until(() => hubRunner.machine.neighbors.length === spokes.length)
  let sequence = 0
  return {
    send(count) {
      for (let i = 0; i < count; i++) sourceRunner.machine.query(CRITERIA[sequence++ % CRITERIA.length] as string)
    },
    stop: async () => {
      await Promise.all(runners.map((runner) => runner.stop()))
      await Promise.all([hub, source, ...leaves].map((node) => node.stop()))
    },
  }
}

function library(): Library {
  const made = new Library()
  for (const name of NAMES) made.add({ name, size: 1, sha1: undefined, cid: undefined })
  return made
}

/** Has a servent tell of each query that it has handled. */
function counted<Machine extends Servent>(machine: Machine, onQuery: () => void): Machine {
  const handle = machine.onMessage.bind(machine)
  machine.onMessage = (from: Peer, message: Message) => {
    handle(from, message)
    if (message.type === 'Query') onQuery()
  }
  return machine
}
