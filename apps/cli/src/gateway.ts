import type { Servent } from '@servent/servent'
import { type GatewayAddress, type GatewayServer, startGateway } from '@servent/transfer/node'
import { CommandError, systemCode, UsageError } from './errors.ts'
import type { Terminal } from './terminal.ts'

const PORT_MAX = 65_535

/**
 * What `--gateway` takes: a port of this machine alone, or an address and a port.
 *
 * @throws UsageError
 */
export function gatewayAddress(text: string): GatewayAddress {
  const [, host = '127.0.0.1', digits = ''] = /^(?:([a-z0-9.-]+|\[[0-9a-f:]+\]):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits)
  if (digits === '' || port > PORT_MAX)
    throw new UsageError(`--gateway takes a port, as 8081, or an address and a port, as 0.0.0.0:8081, not "${text}".`)
  return { host: host.replace(/^\[|\]$/g, ''), port }
}

/**
 * Runs `act` while what the peer shares is there over plain HTTP too, if that is wanted.
 *
 * @throws CommandError when the port cannot be had
 */
export async function withGateway<Result>(
  address: GatewayAddress | undefined,
  peer: Servent,
  terminal: Terminal,
  act: () => Promise<Result>
): Promise<Result> {
  if (address === undefined) return act()
  const server = await start(address, peer)
  try {
    const { host } = address
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}/ipfs/`
    terminal.result(`Each file is also at ${url} and its CID.`, { event: 'gateway', url })
    return await act()
  } finally {
    await server.stop()
  }
}

async function start(address: GatewayAddress, peer: Servent): Promise<GatewayServer> {
  try {
    return await startGateway(peer.uploads, address)
  } catch (error) {
    const { host, port } = address
    const sentences: Record<string, string> = {
      EADDRINUSE: `Port ${port} is in use by another program. Take another one with --gateway.`,
      EACCES: `Port ${port} is not ours to take. Take one above 1023 with --gateway.`,
      EADDRNOTAVAIL: `${host} is not an address of this machine. Name another one with --gateway.`,
      ENOTFOUND: `${host} is not an address of this machine. Name another one with --gateway.`,
    }
    const sentence = sentences[systemCode(error) ?? '']
    if (sentence === undefined) throw error
    throw new CommandError(sentence, { cause: error })
  }
}
