import { access } from 'node:fs/promises'
import { type BootstrapInfo, createServent, type Servent } from '@servent/servent'
import { folderContents } from '@servent/transfer/node'
import { addressesFor } from './addresses.ts'
import type { BootstrapConfig } from './config.ts'
import { loadKey } from './key-file.ts'
import { readPage } from './page-files.ts'
import { PageServer } from './page-server.ts'

/** Ours: what a relayed connection may carry and how long it may live: enough for two tabs to meet, not for files. */
const RELAY = { reservationsMax: 1000, bytesMax: 131_072, durationMs: 60_000 } as const

/** Thrown when the node cannot start. `message` is a sentence for a person that says what to do. */
export class StartError extends Error {
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
 * @throws StartError, ConfigError, KeyFileError: each with a sentence for a person
 */
export async function startBootstrap(config: BootstrapConfig, report: Report): Promise<Bootstrap> {
  const privateKey = await loadKey(config.data)
  const files = config.page === undefined ? new Map() : await readPageOrNone(config.page, report)
  const servent = await startServent(config, privateKey)
  const server = new PageServer({
    host: config.host,
    port: config.port,
    files,
    info: (hostname) => infoOf(servent, config, hostname),
  })
  try {
    const port = await server.start()
    await shareLibrary(servent, config.library, report)
    return {
      url: `http://${config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host}:${port}`,
      servent,
      stop: async () => {
        await Promise.all([server.stop(), servent.stop()])
      },
    }
  } catch (error) {
    await servent.stop()
    throw startError(error, config.port, '--port')
  }
}

async function startServent(config: BootstrapConfig, privateKey: Uint8Array): Promise<Servent> {
  try {
    return await createServent({
      privateKey,
      listen: [`/ip4/${config.host}/tcp/${config.wsPort}/ws`],
      ...(config.announce.length > 0 ? { announce: config.announce } : {}),
      relay: RELAY,
      connectionsMax: config.connectionsMax,
      privateAddresses: true,
      // It waits for others to come: with neighbors of its own choice it would be a hub twice over.
      neighbors: 0,
    })
  } catch (error) {
    throw startError(error, config.wsPort, '--ws-port')
  }
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

async function shareLibrary(servent: Servent, folder: string, report: Report): Promise<void> {
  const { contents, problems } = await folderContents(folder)
  for (const { path, reason } of problems) report(`Not shared: ${path}: ${reason}`)
  for (const content of contents) await servent.share(content)
  report(`Sharing ${contents.length} files from ${folder}.`)
}

function infoOf(servent: Servent, config: BootstrapConfig, hostname: string | undefined): BootstrapInfo {
  return {
    peerId: servent.identity.id,
    multiaddrs: config.announce.length > 0 ? servent.multiaddrs : addressesFor(hostname, servent.multiaddrs),
    protocols: servent.protocols,
    limits: { connectionsMax: config.connectionsMax, relay: RELAY },
  }
}

function startError(error: unknown, port: number, flag: string): unknown {
  const causes = error instanceof AggregateError ? [error, ...error.errors] : [error]
  const codes = causes.flatMap((cause) => codesOf(cause))
  if (codes.includes('EADDRINUSE')) {
    return new StartError(`Port ${port} is in use by another program. Take another one with ${flag}.`, { cause: error })
  }
  if (codes.includes('EACCES'))
    return new StartError(`Port ${port} is not ours to take. Take one above 1023 with ${flag}.`, { cause: error })
  return error
}

/** The `code` of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return []
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : []
  return [...own, ...codesOf(error.cause)]
}
