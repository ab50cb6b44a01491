import { createServer, type RequestListener } from 'node:http'
import { BOOTSTRAP_INFO_PATH, createServent, type Servent } from '@servent/servent'

/** A bootstrap node on this machine, for peers of the same bench. */
export interface Introducer {
  readonly url: string
  readonly peer: Servent
  stop(): Promise<void>
}

/**
 * @param listen - where peers reach it
 * @param onRequest - what its web server answers besides `/servent.json`
 */
export async function startIntroducer(listen: string, onRequest: RequestListener): Promise<Introducer> {
  const peer = await createServent({ listen: [listen], relay: {}, privateAddresses: true, neighbors: 0 })
  const server = createServer((request, response) => {
    if (request.url !== BOOTSTRAP_INFO_PATH) return onRequest(request, response)
    const info = { peerId: peer.identity.id, multiaddrs: peer.multiaddrs }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(info))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The web server has no port')
  return {
    url: `http://127.0.0.1:${address.port}/`,
    peer,
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await peer.stop()
    },
  }
}
