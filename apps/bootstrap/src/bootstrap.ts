import { access } from 'node:fs/promises'
import { type BootstrapInfo, createServent, type Servent } from '@servent/servent'
import { Gateway } from '@servent/transfer/node'
import { addressesFor, socketAddresses } from './addresses.ts'
import type { BootstrapConfig } from './config.ts'
import { type OfferedFiles, offerFiles } from './files.ts'
import { loadKey } from './key-file.ts'
import { readPage } from './page-files.ts'
import { PageServer } from './page-server.ts'
import { SocketGate } from './socket-gate.ts'

/** Ours: what a relayed connection may carry and how long it may live: enough for two tabs to meet, not for files. */
const RELAY = { reservationsMax: 1000, bytesMax: 131_072, durationMs: 60_000 } as const

/** Thrown when the node cannot start. `message` is a sentence for a person that says what to do. */
class StartError extends Error {
  override readonly name = 'StartError'
}

/** A running bootstrap node. */
export interface Bootstrap {
  /** Where the page is. */
  readonly url: string
  readonly servent: Servent
  stop(): Promise<void>
}

/** What is told while it starts. */
export type Report = (sentence: string) => void

/**
 * Starts a bootstrap node: an ordinary servent that also relays, shares a library and serves the page.
 *
 * @throws StartError, KeyFileError: each with a sentence for a person
 */
export async function startBootstrap(config: BootstrapConfig, report: Report): Promise<Bootstrap> {
  const privateKey = await loadKey(config.data)
  const files = config.page === undefined ? new Map() : await readPageOrNone(config.page, report)
  const gate = new SocketGate({ socketsMax: config.connectionsMax })
  let servent: Servent | undefined
  let offered: OfferedFiles
  const info = (hostname: string | undefined) => servent && infoOf(servent, config, hostname)
  let gateway: Gateway | undefined
  const server = new PageServer({ host: config.host, port: config.port, files, gate, info, gateway: () => gateway })
  const port = await server.start().catch((error: unknown) => {
    throw startError(error, config)
  })
  try {
    servent = await startServent(config, privateKey, port)
    gate.open(portOf(servent))
    if (config.gateway) gateway = new Gateway(servent.uploads)
    offered = await offerFiles(servent, config, report)
  } catch (error) {
    await Promise.all([server.stop(), servent?.stop()])
    throw error
  }
  return { url: urlOf(config.host, port), servent, stop: stopper(server, servent, offered) }
}

function stopper(server: PageServer, servent: Servent, offered: OfferedFiles): () => Promise<void> {
  return async () => {
    await offered.stop()
    await Promise.all([server.stop(), servent.stop()])
  }
}

async function startServent(config: BootstrapConfig, privateKey: Uint8Array, port: number): Promise<Servent> {
  return createServent({
    privateKey,
    // Only the gate reaches it here; everyone else comes through the web server's port.
    listen: ['/ip4/127.0.0.1/tcp/0/ws'],
    announce: config.announce.length > 0 ? config.announce : socketAddresses(config.host, port),
    relay: RELAY,
    connectionsMax: config.connectionsMax,
    privateAddresses: true,
    napster: config.index ? 'index' : 'off',
    keeper: config.keepBudgetBytes !== undefined,
    // It waits for others to come: with neighbors of its own choice it would be a hub twice over.
    neighbors: 0,
  })
}

/** The TCP port that libp2p took. */
function portOf(servent: Servent): number {
  const port = servent.listeners
    .map((address) => /\/tcp\/(\d+)\/ws/.exec(address)?.[1])
    .find((found) => found !== undefined)
  if (port === undefined) throw new StartError('libp2p does not listen on any port.')
  return Number(port)
}

function urlOf(host: string, port: number): string {
  return `http://${host === '0.0.0.0' || host === '127.0.0.1' ? 'localhost' : host}:${port}`
}

async function readPageOrNone(folder: string, report: Report) {
  try {
    await access(folder)
    return await readPage(folder)
  } catch (cause) {
    report(
      `There is no built page in ${folder}: peers can connect, browsers see nothing. (${cause instanceof Error ? cause.message : cause})`
    )
    return new Map()
  }
}

function infoOf(servent: Servent, config: BootstrapConfig, hostname: string | undefined): BootstrapInfo {
  return {
    peerId: servent.identity.id,
    multiaddrs: config.announce.length > 0 ? servent.multiaddrs : addressesFor(hostname, servent.multiaddrs),
    protocols: servent.protocols,
    limits: { connectionsMax: config.connectionsMax, relay: RELAY },
  }
}

function startError(error: unknown, { host, port }: BootstrapConfig): unknown {
  const sentences: Record<string, string> = {
    EADDRINUSE: `Port ${port} is in use by another program. Take another one with --port.`,
    EACCES: `Port ${port} is not ours to take. Take one above 1023 with --port.`,
    EADDRNOTAVAIL: `${host} is not an address of this machine. Name another one with --host.`,
    ENOTFOUND: `${host} is not an address of this machine. Name another one with --host.`,
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const sentence = sentences[code]
  return sentence === undefined ? error : new StartError(sentence, { cause: error })
}
