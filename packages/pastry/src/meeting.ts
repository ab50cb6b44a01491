import type { Peer } from '@servent/machine'
import { pick } from '@servent/machine'
import type { Joining } from './joining.ts'
import type { Node } from './node.ts'
import { TIMER_MEET } from './timers.ts'
import type { Upkeep } from './upkeep.ts'

/** Ours: a node that has just come looks for other parts so much sooner, and then half as often each time. */
const FIRST_MEETS = 16

/** Looks for other parts of the overlay: a peer that we lost, or were told of, is asked who is next to us there. */
export class Meeting {
  readonly #node: Node
  readonly #joining: Joining
  readonly #upkeep: Upkeep
  #intervalMs = 0

  constructor(node: Node, joining: Joining, upkeep: Upkeep) {
    this.#node = node
    this.#joining = joining
    this.#upkeep = upkeep
  }

  begin(): void {
    this.#intervalMs = this.#node.config.meetIntervalMs / FIRST_MEETS
    this.#upkeep.again(TIMER_MEET, this.#intervalMs)
  }

  /** Whom to ask now; undefined if nobody. */
  onTimer(): Peer | undefined {
    const { host, config, isJoined } = this.#node
    this.#intervalMs = Math.min(config.meetIntervalMs, 2 * this.#intervalMs)
    this.#upkeep.again(TIMER_MEET, this.#intervalMs)
    const stranger = pick(() => host.random(), this.#joining.strangers)
    return isJoined ? stranger : undefined
  }
}
