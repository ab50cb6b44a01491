import type { Peer } from '@servent/machine'
import type { Call } from './calls.ts'
import type { Core } from './core.ts'
import type { Neighbors, Stabilize } from './messages.ts'

/** What the rest of a node has to know of its place. */
export interface StabilizerListener {
  /** A successor has answered: we have our place. */
  onPlaced(): void
  onSuccessorsChanged(before: readonly Peer[]): void
  onPredecessorChanged(before: Peer | undefined): void
  /** A peer that was in our tables is taken for dead. */
  onLost(peer: Peer): void
  /** Nobody is left: neither successor nor predecessor. */
  onAlone(): void
}

/**
 * Keeps the ring together: stabilize, rectify and what follows from failures, in the form that Zave proved ("Reasoning about
 * identifier spaces: How to make Chord correct", 2017), not in the published one.
 *
 * 1. A successor list is taken over whole, from the one successor that has just answered: `[s] ++ butlast(s.succList)`.
 * 2. A better successor is asked itself before it is taken: nobody is adopted who is not alive.
 * 3. A predecessor is replaced by a better one, or by any other when it does not answer a ping.
 *
 * Departures: a Stabilize is a notify as well, for nobody asks a node that he does not take for his successor; who gets a new
 * predecessor tells the old one at once (ToN §V), which is one more occasion to stabilize.
 */
export class Stabilizer {
  readonly #core: Core
  readonly #listener: StabilizerListener

  constructor(core: Core, listener: StabilizerListener) {
    this.#core = core
    this.#listener = listener
  }

  /** n.stabilize(): asks the successor for its predecessor and its successor list. */
  stabilize(): void {
    const { successor, predecessor } = this.#core.ring
    if (successor !== undefined) this.#ask(successor, false)
    // In a ring of one the predecessor is the first other node.
    else if (predecessor !== undefined) this.#ask(predecessor, true)
  }

  /** Looks whether a peer is a better successor, if it is at a place where it could be. */
  consider(candidate: Peer): void {
    if (this.#core.ring.isBeforeSuccessor(candidate)) this.#ask(candidate, true)
  }

  /** Stabilize from a node that takes us for its successor, or looks whether it should. */
  onStabilize(from: Peer, { call }: Stabilize): void {
    this.#core.host.send(from, this.#neighbors(call))
    this.#rectify(from)
  }

  onNeighbors(from: Peer, message: Neighbors): void {
    const { ring, calls } = this.#core
    if (message.call === 0) {
      // A reason to look, no answer: it may have been under way while its sender died.
      if (from === ring.successor || ring.isBeforeSuccessor(from)) this.#ask(from, from !== ring.successor)
      return
    }
    const call = calls.answered(message.call, from)
    if (call?.kind !== 'stabilize') this.#core.drop('unasked')
    else if (call.isCandidate) this.#stabilizeFromPredecessor(from, message)
    else this.#stabilizeFromSuccessor(from, message)
  }

  /** A successor, or a node that might have been one, did not answer. */
  onStabilizeExpired({ peer, isCandidate, probes }: Call & { kind: 'stabilize' }): void {
    const { ring, config } = this.#core
    this.#core.suspect(peer)
    if (isCandidate) {
      // All that was left in a ring of two is gone.
      if (ring.successor === undefined && ring.predecessor === peer) this.#losePredecessor(peer)
      return
    }
    if (peer !== ring.successor) return
    if (probes < config.probesMax) this.#ask(peer, false, probes + 1)
    else this.#loseSuccessor(peer)
  }

  /** The predecessor did not answer a ping. */
  onPingExpired({ peer, instead, probes }: Call & { kind: 'ping' }): void {
    const { ring, config, calls, host } = this.#core
    if (ring.predecessor !== peer) return
    if (probes < config.probesMax) {
      const call = calls.start({ kind: 'ping', peer, instead, probes: probes + 1 })
      host.send(peer, { type: 'Ping', call })
      return
    }
    this.#core.suspect(peer)
    this.#setPredecessor(instead)
    this.#listener.onLost(peer)
  }

  /** A neighbor leaves in order. */
  onLeave(from: Peer): void {
    const { ring } = this.#core
    const isNeighbor = from === ring.predecessor || ring.successors.includes(from)
    if (!isNeighbor) return this.#core.drop('no-neighbor')
    this.#core.suspect(from)
    if (from === ring.predecessor) this.#setPredecessor(undefined)
    this.#dropFromList(from)
  }

  /** What a node tells of its place; `call` 0 tells it unasked. */
  #neighbors(call: number): Neighbors {
    const { predecessor, successors } = this.#core.ring
    return { type: 'Neighbors', call, predecessor, successors }
  }

  #ask(peer: Peer, isCandidate: boolean, probes = 1): void {
    const { calls, host } = this.#core
    if (calls.isFull) return this.#core.drop('too-many-calls')
    if (probes === 1 && calls.has('stabilize', peer)) return
    const call = calls.start({ kind: 'stabilize', peer, isCandidate, probes })
    host.send(peer, { type: 'Stabilize', call })
  }

  /** StabilizeFromSuccessor (Zave): the successor is alive and has told its list. */
  #stabilizeFromSuccessor(from: Peer, { predecessor, successors }: Neighbors): void {
    const { ring } = this.#core
    // Meanwhile there is a better one.
    if (from !== ring.successor) return
    this.#adopt(from, successors)
    this.#listener.onPlaced()
    if (predecessor !== undefined) this.consider(predecessor)
  }

  /** StabilizeFromPredecessor (Zave): the successor's predecessor is alive and still the better successor. */
  #stabilizeFromPredecessor(from: Peer, { successors, predecessor }: Neighbors): void {
    if (!this.#core.ring.isBeforeSuccessor(from)) return
    this.#adopt(from, successors)
    this.#listener.onPlaced()
    if (predecessor !== undefined) this.consider(predecessor)
  }

  /** Rectify (Zave): upon being notified. */
  #rectify(from: Peer): void {
    const { ring, calls, host } = this.#core
    const { predecessor } = ring
    if (predecessor === from) return
    if (predecessor === undefined || ring.isBehindPredecessor(from)) {
      this.#setPredecessor(from)
      // The old one learns of the node between us without waiting for its next round.
      if (predecessor !== undefined) host.send(predecessor, this.#neighbors(0))
      if (ring.successor === undefined) this.stabilize()
      return
    }
    if (calls.has('ping', predecessor) || calls.isFull) return
    const call = calls.start({ kind: 'ping', peer: predecessor, instead: from, probes: 1 })
    host.send(predecessor, { type: 'Ping', call })
  }

  #adopt(successor: Peer, theirs: readonly Peer[]): void {
    const before = this.#core.ring.successors
    for (let left = this.#core.ring.adopt(successor, theirs); left > 0; left--) this.#core.drop('disordered-list')
    if (!areSame(before, this.#core.ring.successors)) this.#listener.onSuccessorsChanged(before)
  }

  #loseSuccessor(peer: Peer): void {
    this.#listener.onLost(peer)
    this.#dropFromList(peer)
  }

  /** `tail(succList)` (Zave), and asks the next one at once. */
  #dropFromList(peer: Peer): void {
    const { ring } = this.#core
    const before = ring.successors
    ring.dropSuccessor(peer)
    if (before.length !== ring.successors.length) this.#listener.onSuccessorsChanged(before)
    if (ring.successor === undefined && ring.predecessor === undefined) this.#listener.onAlone()
    else if (before[0] === peer) this.stabilize()
  }

  #losePredecessor(peer: Peer): void {
    this.#setPredecessor(undefined)
    this.#listener.onLost(peer)
    if (this.#core.ring.successor === undefined) this.#listener.onAlone()
  }

  #setPredecessor(peer: Peer | undefined): void {
    const before = this.#core.ring.predecessor
    this.#core.ring.predecessor = peer
    this.#listener.onPredecessorChanged(before)
  }
}

function areSame(a: readonly Peer[], b: readonly Peer[]): boolean {
  return a.length === b.length && a.every((peer, i) => peer === b[i])
}
