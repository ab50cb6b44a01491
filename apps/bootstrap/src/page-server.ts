import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BOOTSTRAP_INFO_PATH, type BootstrapInfo } from '@servent/servent'
import { Gateway } from '@servent/transfer/node'
import type { PageFiles } from './page-files.ts'
import type { SocketGate } from './socket-gate.ts'

/**
 * Nothing but what this server sends may run in the page; it may connect anywhere, for bootstrap nodes are anywhere.
 * `wasm-unsafe-eval` is for hashing in WebAssembly.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss: http: https:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
  // Only a header can say it: the page's own copy of this policy cannot.
  "frame-ancestors 'none'",
].join('; ')

const SECURITY_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
} as const

/** Ours: a browser sends its headers in well under a second; who takes longer holds a socket for nothing. */
const HEADERS_MS = 10_000

/** Ours: sockets in all, of the page's readers and of peers. */
const SOCKETS_MAX = 2048

export interface PageServerOptions {
  readonly host: string
  readonly port: number
  readonly files: PageFiles
  /** Takes WebSockets. */
  readonly gate: SocketGate
  /** Gives what is shared; undefined while there is nothing to give, or if that is not wanted. */
  gateway(): Gateway | undefined
  /** What `/servent.json` says now, to someone who calls this server `hostname`; undefined while there is nothing to say. */
  info(hostname: string | undefined): BootstrapInfo | undefined
}

/** The web server of a bootstrap node: the page, `/servent.json`, `/healthz`, and what is shared under `/ipfs/`. */
export class PageServer {
  readonly #options: PageServerOptions
  readonly #server: Server

  constructor(options: PageServerOptions) {
    this.#options = options
    this.#server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS }, (request, response) =>
      this.#answer(request, response)
    )
    this.#server.on('upgrade', options.gate.onUpgrade)
    this.#server.maxConnections = SOCKETS_MAX
  }

  /**
   * @returns the port it listens on
   * @throws Error with `code` EADDRINUSE or EACCES, from Node
   */
  async start(): Promise<number> {
    this.#server.listen(this.#options.port, this.#options.host)
    await once(this.#server, 'listening')
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    this.#options.gate.close()
    await closed
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0] as string
    const gateway = Gateway.answers(path) ? this.#options.gateway() : undefined
    if (gateway !== undefined) return gateway.onRequest(request, response)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...SECURITY_HEADERS, Allow: 'GET, HEAD' }).end()
      return
    }
    if (path === BOOTSTRAP_INFO_PATH) {
      this.#answerInfo(request, response)
    } else if (path === '/healthz') {
      response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' })
      response.end('ok\n')
    } else {
      this.#answerFile(path, request, response)
    }
  }

  #answerInfo(request: IncomingMessage, response: ServerResponse): void {
    const info = this.#options.info(hostnameOf(request.headers.host))
    if (info === undefined) {
      response
        .writeHead(503, { ...SECURITY_HEADERS, 'Content-Type': 'text/plain', 'Retry-After': '1' })
        .end('Starting.\n')
      return
    }
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'Access-Control-Allow-Origin': '*',
    })
    response.end(`${JSON.stringify(info, undefined, 2)}\n`)
  }

  #answerFile(path: string, request: IncomingMessage, response: ServerResponse): void {
    const file = this.#options.files.get(path)
    if (file === undefined) {
      response.writeHead(404, { ...SECURITY_HEADERS, 'Content-Type': 'text/plain' }).end('There is nothing here.\n')
      return
    }
    const isGzipped = file.gzipped !== undefined && /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    const body = isGzipped ? (file.gzipped as Uint8Array) : file.bytes
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'Content-Type': file.type,
      'Content-Length': body.length,
      // Vite puts a hash of the content into the names of assets.
      'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      Vary: 'Accept-Encoding',
      ...(isGzipped ? { 'Content-Encoding': 'gzip' } : {}),
    })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
}

/** The name in a Host header, without its port; undefined unless it is a plain name or IPv4 address. */
export function hostnameOf(host: string | undefined): string | undefined {
  return host?.match(/^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::\d{1,5})?$/i)?.[1]?.toLowerCase()
}
