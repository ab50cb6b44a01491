import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Uploads } from '../serve/uploads.ts'
import { Gateway } from './gateway.ts'
import { defaultGatewayLimits, type GatewayLimits } from './limits.ts'

/** A gateway with a port of its own. */
export interface GatewayServer {
  readonly gateway: Gateway
  /** The port it listens on. */
  readonly port: number
  stop(): Promise<void>
}

/** Where a gateway listens. */
export interface GatewayAddress {
  /** Name or address of this machine. */
  readonly host: string
  /** TCP port; 0 takes a free one. */
  readonly port: number
}

/**
 * Starts a gateway with a port of its own.
 *
 * @throws Error with `code` EADDRINUSE, EACCES or EADDRNOTAVAIL, from Node
 */
export async function startGateway(
  uploads: Uploads,
  { host, port }: GatewayAddress,
  limits: Partial<GatewayLimits> = {}
): Promise<GatewayServer> {
  const { headMs, connectionsMax } = { ...defaultGatewayLimits, ...limits }
  const gateway = new Gateway(uploads, limits)
  const server = createServer(
    { headersTimeout: headMs, requestTimeout: headMs, keepAliveTimeout: headMs },
    gateway.onRequest
  )
  server.maxConnections = connectionsMax
  server.listen(port, host)
  await once(server, 'listening')
  return {
    gateway,
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
