import { createServent, type NetworkStatus, type Servent, type ServentOptions } from '@servent/servent'
import type { CommonOptions, ServingOptions } from './command-line.ts'
import { CommandError } from './errors.ts'
import { takeKeySlot } from './key-slot.ts'
import type { Terminal } from './terminal.ts'

/** Ours: on one machine joining takes well under a second; across the world a handshake or two. */
const JOIN_WAIT_MS = 15_000

/**
 * Runs `act` with a peer that has joined the network, and stops the peer however that ends.
 *
 * @throws CommandError when no bootstrap node can be reached
 */
export async function withPeer<Result>(
  options: CommonOptions & Partial<ServingOptions>,
  terminal: Terminal,
  signal: AbortSignal,
  act: (peer: Servent) => Promise<Result>,
  more: Pick<ServentOptions, 'keeper'> = {}
): Promise<Result> {
  const slot = await takeKeySlot(options.data)
  try {
    const peer = await createServent({ bootstrap: options.bootstrap, privateKey: slot.privateKey, ...more })
    try {
      peer.setUploadLimits(options.uploads ?? {})
      terminal.note(`You are ${peer.identity.name}. Connecting…`)
      await joined(peer, signal)
      return await act(peer)
    } finally {
      await peer.stop()
    }
  } finally {
    await slot.release()
  }
}

/** Resolves once the peer has a Gnutella neighbor, so that a query goes somewhere. */
async function joined(peer: Servent, signal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(JOIN_WAIT_MS)
  const either = AbortSignal.any([signal, timeout])
  const isSettled = (status: NetworkStatus) => hasNeighbor(status) || allUnreachable(status)
  await until(peer, isSettled, either)
  signal.throwIfAborted()
  if (!hasNeighbor(peer.status)) throw new CommandError(unreachableSentence(peer.status))
}

function hasNeighbor({ peers }: NetworkStatus): boolean {
  return peers.some(({ isNeighbor }) => isNeighbor)
}

function allUnreachable({ bootstraps }: NetworkStatus): boolean {
  return bootstraps.length > 0 && bootstraps.every(({ state }) => state === 'unreachable')
}

function unreachableSentence({ bootstraps }: NetworkStatus): string {
  const urls = bootstraps.map(({ url }) => url).join(', ')
  const problem = bootstraps.find((bootstrap) => bootstrap.problem !== undefined)?.problem
  return `Cannot join the network through ${urls}: ${problem ?? 'no answer in time.'} Is the bootstrap node running?`
}

/** Resolves when the status is as asked for, or when the signal fires. */
function until(peer: Servent, isRight: (status: NetworkStatus) => boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isRight(peer.status) && !signal.aborted) return
      peer.removeEventListener('status', look)
      signal.removeEventListener('abort', look)
      resolve()
    }
    peer.addEventListener('status', look)
    signal.addEventListener('abort', look)
    look()
  })
}
