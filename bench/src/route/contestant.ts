import type { Transport } from './star.ts'

/** What a network is built of. */
export interface NetworkOptions {
  readonly transport: Transport
  readonly leafCount: number
  /** To be called for each message that has reached a leaf. */
  readonly onDelivery: () => void
}

/** A star of live nodes through which messages can be pushed. */
export interface Network {
  /** Sends so many messages, all different, from the source in one turn. */
  send(count: number): void
  stop(): Promise<void>
}

/** Builds a network and resolves when all its leaves can be reached. */
export type Contestant = (options: NetworkOptions) => Promise<Network>

/** Bytes of a message: of a whole Gnutella descriptor, and of what pubsub carries. */
export const MESSAGE_BYTES = 80

/** Resolves when a condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('The network did not come up within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
