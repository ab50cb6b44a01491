import { type Random, randomInt } from '@servent/machine'
import {
  hashedValue,
  type RequestId,
  type StructuredEvent,
  type StructuredMachine,
  type ValueRecord,
} from '@servent/records'
import type { ValueFindings } from './result.ts'

/** Longer than any experiment. */
const TTL_MS = 24 * 3_600_000
const VALUE_BYTES = 32

/** What the values of an experiment need of it. */
export interface ValuesWorld<M> {
  readonly random: Random
  /** A running node, drawn at random. */
  drawMachine(): M
}

/** Values that are put, and looked for again. */
export class Values<M extends Pick<StructuredMachine<never>, 'put' | 'get'>> {
  readonly #count: number
  readonly #world: ValuesWorld<M>
  readonly #records: ValueRecord[] = []
  /** Requests to get one, and whether it is the second time. */
  readonly #gets = new Map<RequestId, boolean>()
  #putCount = 0
  #replicaSum = 0
  #lastFound: RequestId | undefined
  readonly #asked = [0, 0]
  readonly #found = [0, 0]

  constructor(count: number, world: ValuesWorld<M>) {
    this.#count = count
    this.#world = world
  }

  put(index: number): void {
    const { random } = this.#world
    const record = hashedValue(
      Uint8Array.from({ length: VALUE_BYTES }, () => randomInt(random, 256)),
      TTL_MS
    )
    this.#records[index] = record
    this.#world.drawMachine().put(record)
  }

  get(index: number, isLater: boolean): void {
    const record = this.#records[index]
    if (record === undefined) return
    this.#asked[Number(isLater)] = (this.#asked[Number(isLater)] as number) + 1
    const id = this.#world.drawMachine().get(record.key)
    // Whoever keeps it itself answers at once.
    if (this.#lastFound === id) this.#tally(isLater)
    else this.#gets.set(id, isLater)
  }

  onEvent(event: StructuredEvent): void {
    if (event.type === 'put-done') {
      this.#putCount++
      this.#replicaSum += event.replicas
    }
    if (event.type !== 'get-done') return
    this.#lastFound = event.id
    const isLater = this.#gets.get(event.id)
    if (isLater === undefined || event.values.length === 0) return
    this.#gets.delete(event.id)
    this.#tally(isLater)
  }

  /** Undefined if no values were put. */
  findings(): ValueFindings | undefined {
    if (this.#count === 0) return undefined
    const [asked = 0, askedLater = 0] = this.#asked
    const [found = 0, foundLater = 0] = this.#found
    return {
      keys: this.#count,
      replicas: this.#replicaSum / Math.max(1, this.#putCount),
      found: found / Math.max(1, asked),
      foundLater: askedLater === 0 ? undefined : foundLater / askedLater,
    }
  }

  #tally(isLater: boolean): void {
    this.#found[Number(isLater)] = (this.#found[Number(isLater)] as number) + 1
  }
}
