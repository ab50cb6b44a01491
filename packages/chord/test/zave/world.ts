// Nodes as they run, in a world with the steps of Zave's model: a question and its answer are one step, whoever asks a dead
// node finds out at once, and in between anything may happen in any order.
import { type Key, keyFromWords } from '@servent/keyspace'
import { type Host, type Peer, toPeer } from '@servent/machine'
import { type ChordEvent, type ChordNode, chord, type Message } from '../../src/index.ts'
import { inductiveViolations, type Member, principals } from './invariants.ts'

/** Identifiers are whole numbers below this. */
export const IDENTIFIERS = 32

/** Messages that answer a question: they arrive in the same step. */
const ANSWERS: readonly Message['type'][] = ['Neighbors', 'Ack', 'Found']

interface Sent {
  readonly from: Peer
  readonly to: Peer
  readonly message: Message
  /** Who sent it: after a failure and a join another runs under the identifier. */
  readonly sender: ChordNode
  /** Who asked, if it is an answer: for nobody else. Undefined for a question. */
  readonly asker: ChordNode | undefined
}

interface Node {
  readonly machine: ChordNode
  readonly host: StepHost
}

class StepHost implements Host<Message, ChordEvent> {
  readonly self: Peer
  readonly sent: Pick<Sent, 'to' | 'message'>[] = []
  /** The timer of stabilize: the first that is set. */
  stabilizeTimer = 0
  clock = 0
  readonly #random: () => number

  constructor(self: Peer, random: () => number) {
    this.self = self
    this.#random = random
  }

  now(): number {
    return this.clock
  }

  random(): number {
    return this.#random()
  }

  send(to: Peer, message: Message): void {
    this.sent.push({ to, message })
  }

  setTimer(timer: number): void {
    if (this.stabilizeTimer === 0) this.stabilizeTimer = timer
  }

  connect(): void {
    // Nobody is connected here.
  }

  disconnect(): void {
    // Nor is anybody disconnected.
  }

  keyOf(peer: Peer): Key {
    return keyFromWords(Int32Array.of((peer as number) << 27, 0, 0, 0, 0))
  }

  emit(): void {
    // What is told is not looked at: the state is.
  }
}

/** A ring of real nodes, step by step. */
export class ZaveWorld {
  readonly r: number
  readonly #random: () => number
  readonly #nodes = new Map<number, Node>()
  /** What was sent and has not arrived. */
  #underway: Sent[] = []

  /**
   * Begins with r + 1 nodes that know each other: Zave's base.
   *
   * @param random - draws the steps too, so that a seed is a run
   */
  constructor(r: number, base: readonly number[], random: () => number) {
    this.r = r
    this.#random = random
    const sorted = base.toSorted((a, b) => a - b)
    sorted.forEach((id, i) => {
      const others = [...sorted.slice(i + 1), ...sorted.slice(0, i)].map(toPeer)
      this.#start(id).machine.adopt({ predecessor: others.at(-1), successors: others, fingers: [] })
    })
  }

  get members(): Member[] {
    const all = [...this.#nodes].map(([id, { machine }]) => ({ id, successors: machine.successors.map(Number) }))
    // Whoever has no list yet is not in the ring: a node that joins has read no member yet.
    return all.filter(({ successors }) => successors.length > 0)
  }

  get ids(): number[] {
    return [...this.#nodes.keys()]
  }

  get underwayCount(): number {
    return this.#underway.length
  }

  has(id: number): boolean {
    return this.#nodes.has(id)
  }

  /** Join: a member before the new node is found and read in one step. */
  join(id: number, contact: number): void {
    const { machine } = this.#start(id)
    machine.addContact(toPeer(contact))
    this.#collect()
    this.#settle(({ type }) => type === 'FindSuccessor' || ANSWERS.includes(type))
    if (machine.successors.length === 0) this.#nodes.delete(id)
  }

  /** A round of stabilize begins: it asks. */
  stabilize(id: number): void {
    const node = this.#nodes.get(id)
    if (node === undefined) return
    node.machine.onTimer(node.host.stabilizeTimer, 0)
    this.#collect()
  }

  /** One message arrives, and what answers it. Those of one node to another stay in order. */
  deliver(): void {
    const first = this.#underway[Math.floor(this.#random() * this.#underway.length)]
    if (first === undefined) return
    const next = this.#underway.find(({ from, to }) => from === first.from && to === first.to) ?? first
    this.#underway = this.#underway.filter((sent) => sent !== next)
    this.#arrive(next)
    this.#settle(({ type }) => ANSWERS.includes(type))
  }

  /** Whether a node may fail: Zave's assumption on failures. */
  mayFail(id: number): boolean {
    const before = this.members
    const after = before.filter((member) => member.id !== id)
    const isPrincipal = principals(before).includes(id)
    if (isPrincipal && principals(before).length <= this.r + 1) return false
    return inductiveViolations(after, 0).every((violation) => !violation.includes('live successor'))
  }

  fail(id: number): void {
    this.#nodes.delete(id)
  }

  #start(id: number): Node {
    const host = new StepHost(toPeer(id), this.#random)
    const machine = chord.create(host, configOf(this.r))
    this.#nodes.set(id, { machine, host })
    machine.start()
    return { machine, host }
  }

  /** Lets what is answered at once arrive. */
  #settle(isImmediate: (message: Message) => boolean): void {
    for (;;) {
      const next = this.#underway.find(({ message }) => isImmediate(message) && !isUnasked(message))
      if (next === undefined) return
      this.#underway = this.#underway.filter((sent) => sent !== next)
      this.#arrive(next)
    }
  }

  #arrive({ from, to, message, sender, asker }: Sent): void {
    const receiver = this.#nodes.get(to as number)?.machine
    if (receiver !== undefined) {
      if (asker === undefined || asker === receiver) receiver.onMessage(from, message)
      this.#collect({ to: from, asker: sender })
    } else if (asker === undefined && 'call' in message && sender === this.#nodes.get(from as number)?.machine) {
      // Failures are found at once, and never where there is none.
      sender.onTimer(CALL_TIMER, message.call)
      this.#collect()
    }
  }

  /** @param answers - to whom what is sent now may be an answer */
  #collect(answers?: { readonly to: Peer; readonly asker: ChordNode }): void {
    for (const { host, machine } of this.#nodes.values()) {
      for (const { to, message } of host.sent.splice(0)) {
        const isAnswer = to === answers?.to && ANSWERS.includes(message.type) && !isUnasked(message)
        const asker = isAnswer ? answers.asker : undefined
        this.#underway.push({ from: host.self, to, message, sender: machine, asker })
      }
    }
  }
}

/** The timer that ends the wait for an answer; it is the first kind that the machine has. */
const CALL_TIMER = 1

/** Told without being asked: on its way like a question. */
function isUnasked(message: Message): boolean {
  return message.type === 'Neighbors' && message.call === 0
}

function configOf(r: number) {
  const { defaults } = chord
  return {
    ...defaults,
    successorsMax: r,
    replicas: 1,
    probesMax: 1,
    suspicionMs: 0,
    // Only what the proof is about runs by itself.
    fixFingersIntervalMs: 0,
    mergeIntervalMs: 0,
    repairIntervalMs: 0,
    republishIntervalMs: 0,
  }
}
