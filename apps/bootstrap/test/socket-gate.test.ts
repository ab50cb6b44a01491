import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type GateLimits, SocketGate } from '../src/socket-gate.ts'

const open: { destroy(): void }[] = []
const servers: { close(): unknown }[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) server.close()
})

/** What stands behind the gate: gives back what comes, after the request. */
async function startEcho(): Promise<number> {
  const echo = createTcpServer((socket) => {
    open.push(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', (first) => {
      const [head = '', ...rest] = String(first).split('\r\n\r\n')
      socket.write(`behind:${head.split('\r\n', 1)[0]}\n${rest.join('')}`)
      socket.pipe(socket)
    })
  }).listen(0, '127.0.0.1')
  servers.push(echo)
  await once(echo, 'listening')
  return (echo.address() as AddressInfo).port
}

async function startGate(limits: Partial<GateLimits> = {}): Promise<{ gate: SocketGate; port: number }> {
  const gate = new SocketGate(limits)
  const server = createServer((_request, response) => response.end('page')).on('upgrade', gate.onUpgrade)
  server.listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return { gate, port: (server.address() as AddressInfo).port }
}

/** A client that writes down what it gets. */
class Client {
  readonly socket: Socket
  readonly closed: Promise<unknown>
  #text = ''
  #look = (): void => undefined

  constructor(port: number, after = '') {
    this.socket = connect(port, '127.0.0.1')
    open.push(this.socket)
    this.closed = once(this.socket, 'close')
    this.socket.on('error', () => this.socket.destroy())
    this.socket.on('data', (chunk) => {
      this.#text += String(chunk)
      this.#look()
    })
    this.socket.write(`GET /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${after}`)
  }

  /** All that came, once it matches. */
  said(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#look = () => {
        if (pattern.test(this.#text)) resolve(this.#text)
      }
      this.#look()
    })
  }
}

describe('the gate before the WebSocket listener', () => {
  it('passes the request and all that follows, both ways', async () => {
    const { gate, port } = await startGate()
    gate.open(await startEcho())
    const client = new Client(port, 'early ')
    client.socket.write('late')
    expect(await client.said(/late/)).toBe('behind:GET /x HTTP/1.1\nearly late')
  })

  it('refuses while there is nothing behind it', async () => {
    const { gate, port } = await startGate()
    expect(await new Client(port).said(/\r\n\r\n/)).toContain('503')
    expect(gate.refusals.get('not-ready')).toBe(1)
  })

  it('lets in only so many of one address, and makes room when one goes', async () => {
    const { gate, port } = await startGate({ perAddressMax: 2 })
    gate.open(await startEcho())
    const [first, second] = [new Client(port, '1'), new Client(port, '2')]
    await Promise.all([first.said(/behind/), second.said(/behind/)])
    expect(await new Client(port, '3').said(/\r\n\r\n/)).toContain('503')
    expect(gate.refusals.get('too-many-of-one-address')).toBe(1)
    first.socket.destroy()
    // Its going is seen at the other end a moment later.
    for (;;) if ((await new Client(port, '4').said(/\n/)).startsWith('behind')) return
  })

  it('closes who says nothing', async () => {
    const { gate, port } = await startGate({ firstBytesMs: 50 })
    gate.open(await startEcho())
    await new Client(port).closed
    expect(gate.refusals.get('mute')).toBe(1)
  })

  it('ends everything when it closes', async () => {
    const { gate, port } = await startGate()
    gate.open(await startEcho())
    const client = new Client(port, 'x')
    await client.said(/behind/)
    gate.close()
    await client.closed
  })
})
