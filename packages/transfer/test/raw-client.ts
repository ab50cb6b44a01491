import type { Libp2p, PeerId, Stream } from '@libp2p/interface'
import { HTTP_PROTOCOL } from '../src/index.ts'

/** What came in answer to one request. */
export interface RawAnswer {
  readonly status: number
  readonly fields: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/** A client that sends any bytes and reads answers without the package's own code. */
export class RawClient {
  readonly stream: Stream
  #bytes = Buffer.alloc(0)
  #end: string | undefined
  #wake: () => void = () => undefined

  private constructor(stream: Stream) {
    this.stream = stream
    stream.addEventListener('message', ({ data }) => {
      this.#bytes = Buffer.concat([this.#bytes, data.subarray()])
      this.#wake()
    })
    for (const type of ['end', 'close'] as const) {
      stream.addEventListener(type, () => {
        this.#end = stream.status
        this.#wake()
      })
    }
  }

  static async connect(client: Libp2p, peer: PeerId): Promise<RawClient> {
    return new RawClient(await client.dialProtocol(peer, HTTP_PROTOCOL))
  }

  send(text: string): void {
    this.stream.send(Buffer.from(text, 'latin1'))
  }

  /** Sends a GET, or another method, with some fields, and reads the answer. */
  async ask(target: string, fields: Record<string, string> = {}, method = 'GET'): Promise<RawAnswer> {
    const lines = Object.entries({ Host: 'a', ...fields }).map(([name, value]) => `${name}: ${value}\r\n`)
    this.send(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`)
    return this.answer(method === 'HEAD')
  }

  /** Reads one answer. */
  async answer(isHead = false): Promise<RawAnswer> {
    await this.#until(() => this.#bytes.includes('\r\n\r\n'))
    const end = this.#bytes.indexOf('\r\n\r\n')
    const [first = '', ...lines] = this.#bytes.subarray(0, end).toString('latin1').split('\r\n')
    const fields = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()])
    )
    const bodyEnd = end + 4 + (isHead ? 0 : Number(fields.get('content-length')))
    await this.#until(() => this.#bytes.length >= bodyEnd)
    const body = new Uint8Array(this.#bytes.subarray(end + 4, bodyEnd))
    this.#bytes = this.#bytes.subarray(bodyEnd)
    return { status: Number(first.split(' ')[1]), fields, body }
  }

  /** Waits until the server has ended the stream; returns the stream's status then. */
  async ended(): Promise<string> {
    while (this.#end === undefined) await this.#next()
    return this.stream.status
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#end !== undefined)
        throw new Error(`The stream ended (${this.stream.status}) with ${this.#bytes.length} bytes left`)
      await this.#next()
    }
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
