import type { Contestant } from './contestant.ts'
import type { Transport } from './star.ts'

export interface MeasureOptions {
  readonly transport: Transport
  readonly leafCount: number
  /** Messages that the source sends in one turn. The next ones follow when all of these have reached all leaves. */
  readonly burst: number
  /** Milliseconds that are measured, after half as many that are not. */
  readonly durationMs: number
}

/** What one round found. */
export interface Round {
  readonly deliveriesPerSecond: number
  readonly messages: number
}

/** Milliseconds without a delivery after which messages count as lost. */
const SILENCE_MS = 5000

/** Builds a network, pushes messages through it for a while and takes it down. */
export async function measure(contestant: Contestant, options: MeasureOptions): Promise<Round> {
  const { transport, leafCount, burst, durationMs } = options
  let deliveries = 0
  let expected = 0
  let onAll: (() => void) | undefined
  const onDelivery = (): void => {
    deliveries++
    if (deliveries === expected) onAll?.()
  }
  const network = await contestant({ transport, leafCount, onDelivery })
  const pushFor = async (ms: number): Promise<Round> => {
    const startedAt = performance.now()
    const before = deliveries
    while (performance.now() - startedAt < ms) {
      expected += burst * leafCount
      const haveAllCome = new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Lost ${expected - deliveries}`)), SILENCE_MS)
        onAll = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      network.send(burst)
      await haveAllCome
    }
    const elapsedMs = performance.now() - startedAt
    const delivered = deliveries - before
    return { deliveriesPerSecond: Math.round((1000 * delivered) / elapsedMs), messages: delivered / leafCount }
  }
  await pushFor(durationMs / 2)
  const round = await pushFor(durationMs)
  await network.stop()
  return round
}
