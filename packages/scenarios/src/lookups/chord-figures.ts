import { type ChordConfig, type ChordEvent, type ChordNode, chord, IdealRing, type Message } from '@servent/chord'
import { type Key, keyFromWords } from '@servent/keyspace'
import { type Peer, type Random, randomInt, shuffle, toPeer } from '@servent/machine'
import type { LookupDone, RequestId } from '@servent/records'
import { constantLatency, exponential, Histogram, Simulator } from '@servent/simulator'
import { CHORD, stillConfig } from './chord.ts'
import { DEFAULT_LOOKUP_OPTIONS } from './options.ts'
import { SortedPeers } from './sorted-peers.ts'

type Ring = Simulator<Message, ChordEvent, ChordConfig, ChordNode>

const second = 1000
/** From the paper (ToN §V): packets take 50 ms on average. */
const LATENCY_MS = 50
/** Between two lookups of an experiment in which nothing else happens. */
const LOOKUP_INTERVAL_MS = 20

/** What an experiment of the paper gives. */
export interface ChordFigure {
  /** Nodes on the way, by lookup. */
  readonly mean: number
  /** Which part of the lookups took 0, 1, 2, … */
  readonly shares: readonly number[]
  readonly meanTimeouts: number
  /** Lookups that did not end at the node the key belonged to. */
  readonly failures: number
}

/**
 * ToN Figure 10: forwards of a lookup until it is at the predecessor of its key, with fingers and one successor alone.
 *
 * @param options.rings - over how many rings, for small ones differ
 * @param options.lookups - on each ring
 */
export function chordPathLength(options: {
  readonly nodes: number
  readonly rings: number
  readonly lookups: number
  readonly seed: number
}): ChordFigure {
  const tally = new Tally()
  for (let i = 0; i < options.rings; i++) {
    const config = { ...chordConfig(), successorsMax: 1, replicas: 1 }
    const { ring } = still(config, options.nodes, options.seed + i, (place) => ({ ...place, predecessor: undefined }))
    // The last step, from the predecessor to the node itself, is not counted in the paper.
    lookUp(ring, options.lookups, (path, timeouts, isRight) => tally.add(path - 1, timeouts, isRight))
  }
  return tally.figure()
}

/**
 * ToN Table II: a part of 1,000 nodes with 20 successors has failed, and nobody has noticed yet.
 *
 * @param options.fail - which part, 0 to 0.5
 */
export function chordFailure(options: {
  readonly fail: number
  readonly rings: number
  readonly lookups: number
  readonly seed: number
}): ChordFigure {
  const tally = new Tally()
  for (let i = 0; i < options.rings; i++) {
    const { ring, random } = still({ ...chordConfig(), nextHopsMax: 20 }, 1000, options.seed + i)
    const nodes = Array.from({ length: 1000 }, (_, node) => node)
    for (const node of shuffle(random, nodes).slice(0, Math.round(options.fail * 1000))) ring.crash(node)
    lookUp(ring, options.lookups, (path, timeouts, isRight) => tally.add(path, timeouts, isRight))
  }
  return tally.figure()
}

/**
 * ToN Table III: nodes join, and leave in order, at a rate each, while everybody stabilizes every 15 to 45 seconds.
 *
 * @param options.rate - joins, and departures, a second
 * @param options.lookups - one a second on average
 */
export function chordChurn(options: {
  readonly rate: number
  readonly lookups: number
  readonly seed: number
}): ChordFigure {
  return new ChurningRing(options).run()
}

/**
 * ToN Figure 9: how many of 10^6 keys a node of 10^4 keeps, each being several nodes of the ring.
 *
 * @returns the first and the 99th percentile
 */
export function chordLoad(options: {
  readonly nodes: number
  readonly keys: number
  readonly virtualNodes: number
  readonly seed: number
}): { readonly p1: number; readonly p99: number } {
  const { nodes, keys, virtualNodes, seed } = options
  // Where a virtual node lies is as random as where a node lies: so each stands for one.
  const places = new Simulator(chord, { nodes: nodes * virtualNodes, seed })
  const ring = new IdealRing(peersOf(nodes * virtualNodes), (peer) => places.keyOf(peer))
  const random = places.random('keys')
  const counts = new Int32Array(nodes)
  for (let i = 0; i < keys; i++) {
    const node = (ring.successorOf(randomKey(random)) as number) % nodes
    counts[node] = (counts[node] as number) + 1
  }
  counts.sort()
  return { p1: counts[Math.floor(0.01 * nodes)] as number, p99: counts[Math.floor(0.99 * nodes)] as number }
}

/** 1,000 nodes of which some leave and as many others come. */
class ChurningRing {
  readonly #ring: Ring
  readonly #random: Random
  readonly #options: { readonly rate: number; readonly lookups: number; readonly seed: number }
  readonly #members: SortedPeers
  readonly #joined: number[] = []
  readonly #asked = new Set<RequestId>()
  readonly #tally = new Tally()
  #nextNode = 1000

  constructor(options: { readonly rate: number; readonly lookups: number; readonly seed: number }) {
    this.#options = options
    const config: ChordConfig = {
      ...chordConfig(),
      stabilizeIntervalMs: 30 * second,
      fixFingersIntervalMs: 30 * second,
      // Nothing that the paper does not have.
      mergeIntervalMs: 0,
      repairIntervalMs: 0,
      republishIntervalMs: 0,
      suspicionMs: 0,
      attemptsMax: 1,
    }
    const seconds = options.lookups + 600
    this.#ring = new Simulator(chord, {
      nodes: Math.ceil(1000 + 1.2 * options.rate * seconds + 100),
      seed: options.seed,
      latency: constantLatency(LATENCY_MS),
      configOf: () => config,
      onEvent: (node, event) => this.#onEvent(node, event),
    })
    this.#random = this.#ring.random('churn')
    this.#members = new SortedPeers((peer) => this.#ring.keyOf(peer))
    const ideal = new IdealRing(peersOf(1000), (peer) => this.#ring.keyOf(peer))
    for (let node = 0; node < 1000; node++) {
      this.#ring.start(node)
      this.#ring.machine(node).adopt(ideal.placeOf(toPeer(node), config.successorsMax))
      this.#welcome(node)
    }
  }

  run(): ChordFigure {
    const { rate, lookups } = this.#options
    const ring = this.#ring
    this.#each(second / rate, () => this.#join())
    this.#each(second / rate, () => this.#leave())
    // First the ring is let come to how it will be.
    ring.run(600 * second)
    this.#each(second, () => this.#ask(lookups))
    ring.run((600 + 1.1 * lookups) * second)
    return this.#tally.figure()
  }

  /** Does something again and again, at random moments that are so far apart on average. */
  #each(intervalMs: number, act: () => void): void {
    this.#ring.schedule(exponential(this.#random, intervalMs), () => {
      act()
      this.#each(intervalMs, act)
    })
  }

  #join(): void {
    if (this.#nextNode >= this.#ring.nodes) return
    const contact = this.#draw()
    const node = this.#nextNode++
    this.#ring.start(node)
    this.#ring.machine(node).addContact(toPeer(contact))
  }

  #leave(): void {
    const index = randomInt(this.#random, this.#joined.length)
    const node = this.#joined[index] as number
    this.#joined[index] = this.#joined.at(-1) as number
    this.#joined.pop()
    this.#members.remove(toPeer(node))
    this.#ring.stop(node)
  }

  #ask(lookupsMax: number): void {
    if (this.#tally.asked >= lookupsMax) return
    this.#tally.ask()
    this.#asked.add(this.#ring.machine(this.#draw()).lookup(randomKey(this.#random)))
  }

  #onEvent(node: number, event: ChordEvent): void {
    if (event.type === 'joined') this.#welcome(node)
    if (event.type === 'lookup-failed' && event.reason === 'stopped') this.#tally.withdraw()
    if (event.type !== 'lookup-done') return
    const isRight = this.#members.after(event.key) === event.responsible
    this.#tally.add(event.path.length - 1, event.timeouts, isRight)
  }

  #welcome(node: number): void {
    this.#joined.push(node)
    this.#members.add(toPeer(node))
  }

  #draw(): number {
    return this.#joined[randomInt(this.#random, this.#joined.length)] as number
  }
}

/** Takes down what lookups met. */
class Tally {
  readonly #path = new Histogram()
  #timeoutSum = 0
  #answeredCount = 0
  #rightCount = 0
  asked = 0

  ask(): void {
    this.asked++
  }

  withdraw(): void {
    this.asked--
  }

  add(path: number, timeouts: number, isRight: boolean): void {
    this.#path.add(Math.max(0, path))
    this.#timeoutSum += timeouts
    this.#answeredCount++
    if (isRight) this.#rightCount++
  }

  figure(): ChordFigure {
    const answered = Math.max(1, this.#answeredCount)
    return {
      mean: this.#path.mean,
      shares: this.#path.toArray().map((count) => count / answered),
      meanTimeouts: this.#timeoutSum / answered,
      failures: Math.max(this.asked, this.#answeredCount) - this.#rightCount,
    }
  }
}

/** As the paper's simulator: iterative, r = 20. */
function chordConfig(): ChordConfig {
  return CHORD.config({ ...DEFAULT_LOOKUP_OPTIONS, iterative: true })
}

type Place = ReturnType<IdealRing['placeOf']>

/** A ring of one moment: everybody has its tables, and nobody keeps them up. */
function still(
  config: ChordConfig,
  nodes: number,
  seed: number,
  change: (place: Place) => Place = (place) => place
): { readonly ring: Ring; readonly random: Random } {
  // As long as it takes: each node that has failed costs half a second.
  const all = { ...stillConfig(config), attemptsMax: 1, requestTimeoutMs: 60 * second }
  const ring: Ring = new Simulator(chord, {
    nodes,
    seed,
    latency: constantLatency(LATENCY_MS),
    configOf: () => all,
    onEvent: (_node, event) => {
      if (event.type === 'lookup-done') listeners.get(ring)?.(event)
    },
  })
  const ideal = new IdealRing(peersOf(nodes), (peer) => ring.keyOf(peer))
  for (let node = 0; node < nodes; node++) {
    ring.start(node)
    ring.machine(node).adopt(change(ideal.placeOf(toPeer(node), all.successorsMax)))
  }
  return { ring, random: ring.random('failures') }
}

/** Who is told of the lookups that are done. */
const listeners = new WeakMap<Ring, (done: LookupDone) => void>()

/** Looks up random keys from random nodes that run. A lookup without an answer counts as a wrong one. */
function lookUp(ring: Ring, count: number, onDone: (path: number, timeouts: number, isRight: boolean) => void): void {
  const random = ring.random('lookups')
  const running = peersOf(ring.nodes).filter((peer) => ring.isUp(peer as number))
  const ideal = new IdealRing(running, (peer) => ring.keyOf(peer))
  let answeredCount = 0
  listeners.set(ring, ({ key, responsible, path, timeouts }) => {
    answeredCount++
    onDone(path.length - 1, timeouts, ideal.successorOf(key) === responsible)
  })
  for (let i = 0; i < count; i++) {
    ring.schedule(i * LOOKUP_INTERVAL_MS, () => {
      const node = running[randomInt(random, running.length)] as number
      ring.machine(node).lookup(randomKey(random))
    })
  }
  ring.runUntilIdle()
  for (; answeredCount < count; answeredCount++) onDone(0, 0, false)
}

function peersOf(count: number): Peer[] {
  return Array.from({ length: count }, (_, node) => toPeer(node))
}

function randomKey(random: Random): Key {
  return keyFromWords(Int32Array.from({ length: 5 }, () => randomInt(random, 2 ** 32)))
}
