import type { Contestant, Network } from './contestant.ts'
import type { Transport } from './star.ts'

export interface MeasureOptions {
  readonly transport: Transport
  readonly leafCount: number
  /** Messages that the source sends in one turn. The next ones follow when all of these have reached all leaves. */
  readonly burst: number
  /** Milliseconds of the processor's time that are measured, after half as many that are not. */
  readonly cpuMs: number
}

/** What one round found. */
export interface Round {
  readonly deliveriesPerSecond: number
  /** By the processor time of the process, all its threads together: on a machine that has other work too. */
  readonly deliveriesPerCpuSecond: number
  readonly messages: number
}

/** Milliseconds after which messages that have not come count as lost. */
const LOST_MS = 10_000

/** Milliseconds that a network may take until a message reaches every leaf: tables and meshes come after the connections. */
const READY_MS = 20_000

/** Builds a network, pushes messages through it for a while and takes it down. */
export async function measure(contestant: Contestant, options: MeasureOptions): Promise<Round> {
  const { transport, leafCount, cpuMs } = options
  const tally = new Tally()
  const network = await contestant({ transport, leafCount, onDelivery: () => tally.add() })
  await becomeReady(network, tally, leafCount)
  await push(network, tally, { ...options, cpuMs: cpuMs / 2 })
  const round = await push(network, tally, options)
  await network.stop()
  return round
}

/** Sends a message now and then until one reaches all leaves. */
async function becomeReady(network: Network, tally: Tally, leafCount: number): Promise<void> {
  const deadline = performance.now() + READY_MS
  for (let reached = 0; reached !== leafCount; ) {
    if (performance.now() > deadline) throw new Error(`Messages reach ${reached} of ${leafCount} leaves`)
    const before = tally.count
    network.send(1)
    await new Promise((resolve) => setTimeout(resolve, 100))
    reached = tally.count - before
  }
}

async function push(network: Network, tally: Tally, { leafCount, burst, cpuMs }: MeasureOptions): Promise<Round> {
  const before = tally.count
  const usedBefore = process.cpuUsage()
  const startedAt = performance.now()
  let usedMs = 0
  while (usedMs < cpuMs) {
    const haveAllCome = tally.reach(tally.count + burst * leafCount)
    network.send(burst)
    await haveAllCome
    const { user, system } = process.cpuUsage(usedBefore)
    usedMs = (user + system) / 1000
  }
  const elapsedMs = performance.now() - startedAt
  const deliveries = tally.count - before
  return {
    deliveriesPerSecond: Math.round((1000 * deliveries) / elapsedMs),
    deliveriesPerCpuSecond: Math.round((1000 * deliveries) / usedMs),
    messages: deliveries / leafCount,
  }
}

/** Counts deliveries. */
class Tally {
  count = 0
  #expected = 0
  #onReached = (): void => undefined

  add(): void {
    this.count++
    if (this.count === this.#expected) this.#onReached()
  }

  /** Resolves when there are `expected`. */
  reach(expected: number): Promise<void> {
    this.#expected = expected
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${expected - this.count} messages were lost`)), LOST_MS)
      this.#onReached = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
