import { type Random, shuffle } from '@servent/machine'

/** A network in which some nodes carry the others, as far as their failure goes. */
export interface HybridNetwork {
  readonly now: number
  readonly nodes: number
  isUp(node: number): boolean
  isUltrapeer(node: number): boolean
  /** Ultrapeers that a leaf believes to have. */
  ultrapeersOf(leaf: number): readonly unknown[]
  crash(node: number): void
  schedule(delayMs: number, action: () => void): void
}

/** How often leaves are looked at, in milliseconds, and how long in all before they are given up. */
const LOOK_INTERVAL_MS = 500
const LOOK_MS_MAX = 300_000

/** Takes a part of the ultrapeers away at once, without a word, and watches how the leaves get over it. */
export class UltrapeerFailure {
  readonly #network: HybridNetwork
  readonly #part: number
  readonly #random: Random
  #crashedAt = 0
  #crashed = 0
  #orphans = 0
  #recoveredAt: number | undefined

  /** @param part - how many of the ultrapeers, 0 to 1 */
  constructor(network: HybridNetwork, part: number, random: Random) {
    this.#network = network
    this.#part = part
    this.#random = random
  }

  get crashed(): number {
    return this.#crashed
  }

  /** Leaves that the crash left without an ultrapeer. */
  get orphans(): number {
    return this.#orphans
  }

  /** Seconds from the crash until every leaf had an ultrapeer that runs; undefined if that has not come. */
  get recoverySeconds(): number | undefined {
    return this.#recoveredAt === undefined ? undefined : (this.#recoveredAt - this.#crashedAt) / 1000
  }

  crash(): void {
    const network = this.#network
    this.#crashedAt = network.now
    const ultrapeers = this.#running().filter((node) => network.isUltrapeer(node))
    const doomed = shuffle(this.#random, ultrapeers).slice(0, Math.round(ultrapeers.length * this.#part))
    for (const node of doomed) network.crash(node)
    this.#crashed = doomed.length
    this.#orphans = this.#countOrphans(this.#running())
    this.#look(this.#running())
  }

  /** Looks again at the nodes that had nobody, until all have: whoever has an ultrapeer may still lose it, so all again then. */
  #look(suspects: readonly number[]): void {
    const network = this.#network
    const orphans = suspects.filter((node) => this.#isOrphan(node))
    if (orphans.length === 0 && this.#countOrphans(this.#running()) === 0) {
      this.#recoveredAt = network.now
    } else if (network.now - this.#crashedAt < LOOK_MS_MAX) {
      network.schedule(LOOK_INTERVAL_MS, () => this.#look(orphans))
    }
  }

  #countOrphans(nodes: readonly number[]): number {
    return nodes.filter((node) => this.#isOrphan(node)).length
  }

  /** A leaf none of whose ultrapeers runs, whether it has found out or not. */
  #isOrphan(node: number): boolean {
    const network = this.#network
    if (!network.isUp(node) || network.isUltrapeer(node)) return false
    return !network.ultrapeersOf(node).some((peer) => typeof peer === 'number' && network.isUp(peer))
  }

  #running(): number[] {
    const nodes: number[] = []
    for (let node = 0; node < this.#network.nodes; node++) if (this.#network.isUp(node)) nodes.push(node)
    return nodes
  }
}
