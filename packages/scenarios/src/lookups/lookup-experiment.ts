import { type Key, keyFromWords } from '@servent/keyspace'
import { assert, type Peer, type Random, randomInt, shuffle, toPeer } from '@servent/machine'
import type { LookupDone, RequestId, StructuredEvent, StructuredMachine } from '@servent/records'
import { churn, Simulator } from '@servent/simulator'
import { drawNode } from '../asking.ts'
import { parseLatency } from '../latency-option.ts'
import type { LookupOptions } from './options.ts'
import type { Nodes, Oracle, StructuredOverlay } from './overlay.ts'
import { type LookupResult, LookupTally } from './result.ts'
import { Values } from './values.ts'

const second = 1000

/** A node looks something up once in so many milliseconds, on average (Rhea et al. 2004: a tenth of a lookup a second). */
const LOOKUP_INTERVAL_MS = 10 * second
/** Between two nodes that join, and after the last of them: long enough for every table to be filled. */
const JOIN_INTERVAL_MS = 100
const SETTLE_MS = 600 * second
/** The quiet before the lookups, in which messages are counted; with churn, after it has had its effect. */
const QUIET_MS = 60 * second
const CHURN_WARM_UP_MS = 120 * second
/** Nodes that one who comes back knows of. */
const CONTACTS = 3
/** From a crash to the second half of the lookups. */
const REPAIR_MS = 30 * second
/** After the last lookup, for what is under way. */
const END_MS = 60 * second

interface Asked {
  readonly node: number
  readonly tally: LookupTally
  readonly startedAt: number
}

/**
 * Looks up random keys from random nodes of a structured overlay, and holds each answer against who is responsible at that
 * moment. Works in steps: nodes are built or join, what they do by themselves is measured, some crash, lookups are asked.
 */
export class LookupExperiment<Message extends { readonly type: string }, Config, M extends StructuredMachine<Message>> {
  readonly #name: string
  readonly #options: LookupOptions
  readonly #overlay: StructuredOverlay<Message, Config, M>
  readonly #simulator: Simulator<Message, StructuredEvent, Config, M>
  readonly #nodes: Nodes<M>
  readonly #oracle: Oracle
  readonly #random: Random
  readonly #values: Values<M>
  readonly #asked = new Map<RequestId, Asked>()
  /** Nodes that have their place. */
  readonly #members: Uint8Array
  readonly #all = new LookupTally()
  readonly #atOnce = new LookupTally()
  readonly #later = new LookupTally()
  #lastDone: LookupDone | undefined
  #place: ((peer: Peer) => void) | undefined
  #builtCount = 0
  #isBuilt = false
  #runningCount = 0
  #messageCount = 0
  /** Messages until the beginning and the end of the quiet. */
  #quiet: { from: number; until: number; nodes: number } | undefined
  /** Messages until joining was over. */
  #messagesToJoin: number | undefined
  #endMs = 0

  constructor(name: string, overlay: StructuredOverlay<Message, Config, M>, options: LookupOptions) {
    const latency = parseLatency(options.latency)
    assert(typeof latency !== 'string', 'options are checked before an experiment is made of them')
    this.#name = name
    this.#options = options
    this.#members = new Uint8Array(options.nodes)
    this.#overlay = overlay
    const config = overlay.config(options)
    this.#simulator = new Simulator(overlay.protocol, {
      nodes: options.nodes,
      seed: options.seed,
      latency: latency.model,
      loss: options.loss,
      wire: options.wire,
      configOf: () => config,
      onEvent: (node, event) => this.#onEvent(node, event),
      observer: {
        onSend: () => {
          this.#messageCount++
        },
      },
    })
    this.#nodes = {
      keyOf: (peer) => this.#simulator.keyOf(peer),
      machine: (peer) => this.#simulator.machine(peer as number),
    }
    this.#oracle = overlay.oracle(this.#nodes)
    this.#random = this.#simulator.random('lookups')
    this.#values = new Values(options.keys, {
      random: this.#simulator.random('values'),
      drawMachine: () => this.#simulator.machine(this.#draw()),
    })
  }

  get progress(): number {
    if (!this.#isBuilt) return (0.5 * this.#builtCount) / this.#options.nodes
    return 0.5 + (0.5 * this.#simulator.now) / Math.max(1, this.#endMs)
  }

  get events(): number {
    return this.#simulator.events
  }

  get bytes(): number {
    return this.#simulator.bytes
  }

  get isBuilt(): boolean {
    return this.#isBuilt
  }

  step(budget: number): boolean {
    if (this.#isBuilt) return this.#simulator.step(budget, this.#endMs)
    const { nodes, joins } = this.#options
    if (joins === 'real') {
      this.#scheduleJoins()
      this.#finishBuilding(nodes * JOIN_INTERVAL_MS + SETTLE_MS)
      return true
    }
    this.#place ??= this.#overlay.ideal(allPeers(nodes), this.#nodes, this.#options)
    const until = Math.min(nodes, this.#builtCount + budget)
    for (let node = this.#builtCount; node < until; node++) {
      this.#simulator.start(node)
      this.#place(toPeer(node))
      this.#welcome(node)
    }
    this.#builtCount = until
    if (until === nodes) this.#finishBuilding(0)
    return true
  }

  result(): LookupResult {
    const { nodes, seed, latency, loss, fail, churn: churnSeconds, joins, still } = this.#options
    const quiet = this.#quiet
    const quietMessages = quiet === undefined ? 0 : quiet.until - quiet.from
    const findings = this.#all.findings()
    return {
      overlay: this.#name,
      nodes,
      seed,
      latency,
      loss,
      fail,
      churn: churnSeconds,
      joins,
      ...findings,
      hopHistogram: this.#all.hopHistogram,
      atOnce: fail > 0 ? this.#atOnce.findings() : undefined,
      later: fail > 0 ? this.#later.findings() : undefined,
      values: this.#values.findings(),
      maintenanceMessagesPerNodePerSecond: quietMessages / Math.max(1, quiet?.nodes ?? 0) / (QUIET_MS / second),
      messagesPerLookup: still && this.#options.keys === 0 ? this.#messageCount / findings.lookups : undefined,
      messagesPerJoin: this.#messagesToJoin === undefined ? undefined : this.#messagesToJoin / nodes,
      drops: { ...this.#simulator.drops },
      events: this.#simulator.events,
      virtualSeconds: this.#simulator.now / second,
      fingerprint: this.#simulator.fingerprint,
    }
  }

  /** Makes every node join through one that has. */
  #scheduleJoins(): void {
    for (let node = 0; node < this.#options.nodes; node++) {
      this.#simulator.schedule(node * JOIN_INTERVAL_MS, () => {
        const contact = this.#runningCount === 0 ? undefined : this.#draw()
        this.#simulator.start(node)
        if (contact === undefined) this.#welcome(node)
        else this.#simulator.machine(node).addContact(toPeer(contact))
      })
    }
  }

  /** Everybody who is there at `settledMs` has its tables: plans the rest. */
  #finishBuilding(settledMs: number): void {
    this.#place = undefined
    this.#isBuilt = true
    const { lookups, keys, fail, nodes, still } = this.#options
    let at = settledMs
    if (this.#options.joins === 'real') {
      this.#schedule(at, () => {
        this.#messagesToJoin = this.#messageCount
      })
    }
    if (this.#options.churn > 0) {
      this.#schedule(at, () => this.#beginChurn())
      at += CHURN_WARM_UP_MS
    }
    at = this.#planPuts(at, keys)
    if (!still) at = this.#planQuiet(at)
    if (fail > 0) this.#schedule(at, () => this.#failAtOnce())
    const interval = LOOKUP_INTERVAL_MS / nodes
    const half = fail > 0 ? lookups >> 1 : lookups
    for (let i = 0; i < half; i++) this.#schedule(at + 1 + i * interval, () => this.#ask(this.#atOnce))
    this.#planGets(at + 1, keys, half * interval, false)
    const later = Math.max(at + REPAIR_MS, at + half * interval)
    for (let i = half; i < lookups; i++) this.#schedule(later + (i - half) * interval, () => this.#ask(this.#later))
    if (fail > 0) this.#planGets(later, keys, (lookups - half) * interval, true)
    this.#endMs = Math.ceil(later + (lookups - half) * interval + END_MS)
  }

  #planPuts(at: number, keys: number): number {
    if (keys === 0) return at
    const interval = Math.max(1, LOOKUP_INTERVAL_MS / this.#options.nodes)
    for (let i = 0; i < keys; i++) this.#schedule(at + i * interval, () => this.#values.put(i))
    return at + keys * interval + QUIET_MS
  }

  #planGets(at: number, keys: number, durationMs: number, isLater: boolean): void {
    for (let i = 0; i < keys; i++) {
      this.#schedule(at + (i * durationMs) / keys, () => this.#values.get(i, isLater))
    }
  }

  #planQuiet(at: number): number {
    const quiet = { from: 0, until: 0, nodes: 0 }
    this.#quiet = quiet
    this.#schedule(at, () => {
      quiet.from = this.#messageCount
      quiet.nodes = this.#runningCount
    })
    this.#schedule(at + QUIET_MS, () => {
      quiet.until = this.#messageCount
    })
    return at + QUIET_MS
  }

  #schedule(atMs: number, action: () => void): void {
    this.#simulator.schedule(atMs - this.#simulator.now, action)
  }

  #beginChurn(): void {
    const simulator = this.#simulator
    const world = {
      nodes: this.#options.nodes,
      isUp: (node: number) => simulator.isUp(node),
      start: (node: number) => simulator.start(node),
      stop: (node: number) => {
        this.#farewell(node)
        simulator.stop(node)
      },
      crash: (node: number) => {
        this.#farewell(node)
        simulator.crash(node)
      },
      schedule: (delayMs: number, action: () => void) => simulator.schedule(delayMs, action),
      random: (purpose: string) => simulator.random(purpose),
    }
    churn(world, { sessionHalfLifeMs: this.#options.churn * second }, (node) => {
      // What a host cache would tell: some who are there.
      for (let i = 0; i < CONTACTS; i++) simulator.machine(node).addContact(toPeer(this.#draw()))
    })
  }

  #failAtOnce(): void {
    const { nodes, fail } = this.#options
    const running = Array.from({ length: nodes }, (_, node) => node).filter((node) => this.#simulator.isUp(node))
    const crashing = shuffle(this.#random, running).slice(0, Math.round(fail * running.length))
    for (const node of crashing) {
      this.#farewell(node)
      this.#simulator.crash(node)
    }
  }

  #ask(tally: LookupTally): void {
    const node = this.#draw()
    tally.asked()
    this.#all.asked()
    const startedAt = this.#simulator.now
    const id = this.#simulator.machine(node).lookup(this.#drawKey())
    this.#asked.set(id, { node, tally, startedAt })
    // Whoever is responsible itself answers at once.
    if (this.#lastDone?.id === id) this.#answered(this.#lastDone)
  }

  #onEvent(node: number, event: StructuredEvent): void {
    if (event.type === 'joined') return this.#welcome(node)
    this.#values.onEvent(event)
    if (event.type === 'lookup-done') this.#answered(event)
  }

  #answered(event: LookupDone): void {
    this.#lastDone = event
    const asked = this.#asked.get(event.id)
    if (asked === undefined) return
    this.#asked.delete(event.id)
    const { key, responsible } = event
    const isRight = this.#oracle.isResponsible?.(key, responsible) ?? this.#oracle.responsibleFor(key) === responsible
    for (const tally of [asked.tally, this.#all]) {
      tally.answered(isRight, event.path.length - 1, event.timeouts, this.#simulator.now - asked.startedAt)
    }
  }

  /** A node has its place. */
  #welcome(node: number): void {
    if (this.#members[node] === 1) return
    this.#members[node] = 1
    this.#runningCount++
    this.#oracle.add(toPeer(node))
  }

  #farewell(node: number): void {
    if (this.#members[node] === 0) return
    this.#members[node] = 0
    this.#runningCount--
    this.#oracle.remove(toPeer(node))
    // Nobody waits for its answers any more.
    for (const [id, asked] of this.#asked) {
      if (asked.node !== node) continue
      this.#asked.delete(id)
      for (const tally of [asked.tally, this.#all]) tally.withdrawn()
    }
  }

  #drawKey(): Key {
    const asksForNodes = this.#overlay.asksForNodes?.(this.#options) === true
    return asksForNodes ? this.#simulator.keyOf(toPeer(this.#draw())) : randomKey(this.#random)
  }

  /** A node that has its place. */
  #draw(): number {
    const node = drawNode(this.#random, { nodes: this.#options.nodes, isUp: (each) => this.#members[each] === 1 })
    assert(node !== undefined, 'some nodes run')
    return node
  }
}

function allPeers(count: number): Peer[] {
  return Array.from({ length: count }, (_, node) => toPeer(node))
}

function randomKey(random: Random): Key {
  return keyFromWords(Int32Array.from({ length: 5 }, () => randomInt(random, 2 ** 32)))
}
