import { createServent, type Servent, type Share } from '@servent/servent'
import type { Content } from '@servent/transfer'

/** A file whose bytes come only as far as a test lets them, and may be wrong. */
export class GuardedContent implements Content {
  readonly name: string
  readonly size: number
  readonly #bytes: Buffer
  #isGuarded = false
  #leftBytes = Number.POSITIVE_INFINITY
  #wrongAt: number | undefined
  readonly #waiting: (() => void)[] = []
  /** Bytes that were read since it is guarded. */
  servedBytes = 0

  constructor(name: string, bytes: Buffer) {
    this.name = name
    this.size = bytes.length
    this.#bytes = bytes
  }

  /** From now on, only so many bytes are given; who asks for more waits. */
  hold(bytes: number): void {
    this.#isGuarded = true
    this.#leftBytes = bytes
  }

  /** Gives everything, to those who wait as well. */
  release(): void {
    this.hold(Number.POSITIVE_INFINITY)
    for (const go of this.#waiting.splice(0)) go()
  }

  /** From now on, the byte at this offset is wrong. */
  lieAt(offset: number): void {
    this.#wrongAt = offset
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    while (end - start > this.#leftBytes) await new Promise<void>((go) => this.#waiting.push(go))
    this.#leftBytes -= end - start
    if (this.#isGuarded) this.servedBytes += end - start
    const bytes = Buffer.from(this.#bytes.subarray(start, end))
    const wrong = (this.#wrongAt ?? -1) - start
    if (wrong >= 0 && wrong < bytes.length) bytes[wrong] = (bytes[wrong] ?? 0) ^ 0xff
    return bytes
  }
}

/** A peer in the test's own process, in the network of its tabs: what it shares can be held back, or made wrong. */
export class SharingPeer {
  readonly #servent: Servent

  private constructor(servent: Servent) {
    this.#servent = servent
  }

  static async start(bootstrap: string): Promise<SharingPeer> {
    return new SharingPeer(await createServent({ bootstrap, webrtc: false }))
  }

  get name(): string {
    return this.#servent.identity.name
  }

  get id(): string {
    return this.#servent.identity.id
  }

  share(content: Content): Promise<Share> {
    return this.#servent.share(content)
  }

  stop(): Promise<void> {
    return this.#servent.stop()
  }
}
