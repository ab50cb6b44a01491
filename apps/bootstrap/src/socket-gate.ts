import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What a gate lets through. */
export interface GateLimits {
  /** WebSockets of one address at the same time. */
  readonly perAddressMax: number
  /** WebSockets in all. */
  readonly socketsMax: number
  /** How long a WebSocket may stay silent at its beginning, in milliseconds. */
  readonly firstBytesMs: number
}

const defaultGateLimits: GateLimits = Object.freeze({
  // Ours: a classroom behind one NAT, several tabs each.
  perAddressMax: 256,
  socketsMax: 1024,
  // Ours: libp2p speaks first, at once; who is mute only holds a place that others need.
  firstBytesMs: 10_000,
})

/** Why a WebSocket was not let through, or not for long. */
export type GateRefusal = 'too-many-of-one-address' | 'too-many' | 'not-ready' | 'mute'

/**
 * Stands between the internet and libp2p's WebSocket listener, which waits without limit for whoever connects and says
 * nothing. Here Node's own HTTP server reads the request, with its time limits, and only what then behaves is passed on.
 * It also makes one port of two: the page and its peers come in by the same door, which is all that a proxy has to know.
 */
export class SocketGate {
  readonly refusals = new Map<GateRefusal, number>()
  readonly #limits: GateLimits
  readonly #sockets = new Set<Duplex>()
  readonly #counts = new Map<string, number>()
  #port: number | undefined

  constructor(limits: Partial<GateLimits> = {}) {
    this.#limits = { ...defaultGateLimits, ...limits }
  }

  /** Opens the gate to a listener on loopback. */
  open(port: number): void {
    this.#port = port
  }

  /** Ends all connections. */
  close(): void {
    this.#port = undefined
    for (const socket of this.#sockets) socket.destroy()
  }

  /** For the `upgrade` event of an HTTP server. */
  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const address = request.socket.remoteAddress ?? ''
    const refusal = this.#refusal(address)
    if (refusal !== undefined || this.#port === undefined) {
      this.#refuse(refusal ?? 'not-ready')
      socket.on('error', () => socket.destroy())
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n')
      return
    }
    this.#pass(request, socket, head, connect(this.#port, '127.0.0.1'), address)
  }

  #refusal(address: string): GateRefusal | undefined {
    if (this.#sockets.size >= this.#limits.socketsMax) return 'too-many'
    return (this.#counts.get(address) ?? 0) >= this.#limits.perAddressMax ? 'too-many-of-one-address' : undefined
  }

  #pass(request: IncomingMessage, client: Duplex, head: Buffer, listener: Socket, address: string): void {
    this.#sockets.add(client)
    this.#counts.set(address, (this.#counts.get(address) ?? 0) + 1)
    const mute = setTimeout(() => {
      this.#refuse('mute')
      client.destroy()
    }, this.#limits.firstBytesMs)
    const end = (): void => {
      clearTimeout(mute)
      client.destroy()
      listener.destroy()
      if (this.#sockets.delete(client)) this.#countDown(address)
    }
    // Either end may vanish at any time: then there is nobody to tell, and the other end is closed.
    for (const socket of [client, listener]) socket.on('error', end).on('close', end)
    listener.setNoDelay(true)
    listener.write(requestHead(request))
    if (head.length > 0) listener.write(head)
    client.once('data', () => clearTimeout(mute))
    client.pipe(listener)
    listener.pipe(client)
  }

  #countDown(address: string): void {
    const count = (this.#counts.get(address) ?? 0) - 1
    if (count > 0) this.#counts.set(address, count)
    else this.#counts.delete(address)
  }

  #refuse(why: GateRefusal): void {
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1)
  }
}

/** The request as it came. Node has read it, so it is well-formed. */
function requestHead(request: IncomingMessage): string {
  let head = `${request.method} ${request.url} HTTP/1.1\r\n`
  for (let i = 0; i < request.rawHeaders.length; i += 2)
    head += `${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`
  return `${head}\r\n`
}
