import type { Peer } from '@servent/machine'
import type { Core } from './core.ts'
import type { Joining } from './joining.ts'
import type { Requests } from './requests.ts'

/** Keeps the finger table: one finger each time, or all of them one after the other for a node that has just come. */
export class FingerFixer {
  readonly #core: Core
  readonly #joining: Joining
  readonly #requests: Requests
  #next = 0
  /** Whether fingers are looked up one after the other, without waiting in between. */
  #isFilling = false

  constructor(core: Core, joining: Joining, requests: Requests) {
    this.#core = core
    this.#joining = joining
    this.#requests = requests
  }

  fill(): void {
    this.#isFilling = true
    this.#next = 0
    this.fixFingers()
  }

  /** n.fix_fingers(): looks the next finger up anew. Those that our successor list reaches need no message. */
  fixFingers(): void {
    const { ring } = this.#core
    if (!this.#joining.isJoined || ring.successor === undefined) return
    if (!ring.isFingerNeeded(this.#next)) {
      ring.cutFingers(this.#next)
      this.#next = 0
      if (this.#isFilling) {
        this.#isFilling = false
        return
      }
      if (!ring.isFingerNeeded(0)) return
    }
    const place = this.#next++
    const start = ring.fingerStart(place)
    const [known] = ring.successorsBehind(start, 1)
    if (known !== undefined) this.onFinger(place, known)
    else this.#requests.start(start, { kind: 'lookup' }, { kind: 'finger', place })
  }

  onFinger(place: number, peer: Peer): void {
    this.#core.ring.setFinger(place, peer)
    if (this.#isFilling) this.fixFingers()
  }

  /** A finger was not found: the others can wait. */
  onFailed(): void {
    this.#isFilling = false
  }
}
