import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServent } from '../src/index.ts'
import type { Hit, NetworkStatus, SearchOptions, Servent, ServentOptions } from '../src/types.ts'

/** A bootstrap node and the peers of one test, on loopback, stopped together. */
export class Network {
  readonly #servents: Servent[] = []
  #server: Server | undefined
  #bootstrap: Servent | undefined
  url = ''

  /** Starts a bootstrap node: a relaying servent, and the web server that tells where it is. */
  async startBootstrap(options: ServentOptions = {}): Promise<Servent> {
    const bootstrap = await createServent({
      listen: ['/ip4/127.0.0.1/tcp/0/ws'],
      relay: {},
      neighbors: 0,
      privateAddresses: true,
      ...options,
    })
    this.#bootstrap = bootstrap
    const info = () => JSON.stringify({ peerId: bootstrap.identity.id, multiaddrs: bootstrap.multiaddrs })
    const port = this.url === '' ? 0 : Number(new URL(this.url).port)
    this.#server = createServer((_request, response) => response.end(info())).listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    return bootstrap
  }

  async stopBootstrap(): Promise<void> {
    this.#server?.close()
    this.#server?.closeAllConnections()
    await this.#bootstrap?.stop()
    this.#bootstrap = undefined
  }

  /** Starts a peer that is the neighbor of nobody until `link` says so. A tab listens nowhere: neither does this, unless told. */
  async peer(options: ServentOptions = {}): Promise<Servent> {
    const servent = await createServent({
      bootstrap: this.url,
      gnutella: '0.4',
      neighbors: 0,
      acquaintances: 0,
      listen: [],
      ...options,
    })
    this.#servents.push(servent)
    return servent
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servents.map((servent) => servent.stop()))
    await this.stopBootstrap()
  }
}

/** Resolves when the status of a servent is as wanted. */
export function until(servent: Servent, isWanted: (status: NetworkStatus) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isWanted(servent.status)) return
      servent.removeEventListener('status', look)
      resolve()
    }
    servent.addEventListener('status', look)
    look()
  })
}

export function isNeighborOf(servent: Servent, other: Servent): boolean {
  return servent.status.peers.some(({ id, isNeighbor }) => isNeighbor && id === other.identity.id)
}

/** Makes two servents neighbors that have heard of each other. */
export async function join(a: Servent, b: Servent): Promise<void> {
  a.link(b.identity.id)
  await Promise.all([until(a, () => isNeighborOf(a, b)), until(b, () => isNeighborOf(b, a))])
}

/** The first hit of a search. */
export async function firstHit(servent: Servent, words: string, options: SearchOptions = {}): Promise<Hit> {
  for await (const hit of servent.search(words, { waitMs: 20_000, ...options })) return hit
  throw new Error(`nothing found for "${words}"`)
}
