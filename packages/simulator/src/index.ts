/**
 * Runs N machines of one protocol in virtual time: seeded, in total order, up to a million nodes. The same machines run
 * over libp2p; they cannot tell.
 *
 * @packageDocumentation
 */
export { BATCH_MAX, Calendar, TIME_MAX } from './calendar.ts'
export { type Churning, type ChurnOptions, churn } from './churn.ts'
export {
  constantLatency,
  type Latency,
  type LatencyModel,
  pairLatency,
  planarLatency,
  uniformLatency,
} from './latency.ts'
export { DROP_REASONS, type DropReason, type NetworkOptions } from './network.ts'
export { Histogram, type Observer, TrafficCounter } from './observer.ts'
export { simPeerCodec } from './peer-codec.ts'
export { exponential, RandomStreams, randomFor } from './rng.ts'
export { Simulator, type SimulatorOptions } from './simulator.ts'
export { type Adjacency, adjacencyOf, type Edges, preferentialGraph, randomGraph } from './topology.ts'
