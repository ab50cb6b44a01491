import { Library, type NewFile } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost, testPeerCodec } from '@servent/machine/testing'
import { type GnutellaConfig, type GnutellaEvent, gnutella04, type Message, type Servent } from '../src/index.ts'

/** Milliseconds that a message takes. */
const LATENCY_MS = 10

interface Node {
  readonly host: RecordingHost<Message, GnutellaEvent>
  readonly servent: Servent
  readonly library: Library
}

interface Pending {
  readonly at: number
  readonly run: () => void
}

/**
 * A few servents, numbered from 1, in a world that writes down every message and event: a line each, in order. Messages go
 * through the codec and take ten milliseconds.
 */
export class Network {
  readonly lines: string[] = []
  readonly #nodes = new Map<Peer, Node>()
  readonly #connections = new Set<string>()
  readonly #names = new Map<string, string>()
  #pending: Pending[] = []
  #now = 0

  constructor(count: number, config: Partial<GnutellaConfig> = {}) {
    for (let i = 1; i <= count; i++) {
      const peer = toPeer(i)
      const host = new RecordingHost<Message, GnutellaEvent>(peer)
      // Each its own randomness, the same in every run.
      host.randoms = Array.from(
        { length: 400 },
        (_, n) => ((Math.imul(i * 7919 + n * 104_729, 2_654_435_761) >>> 0) % 10_007) / 10_007
      )
      const library = new Library()
      const servent = gnutella04.create(host, { ...gnutella04.defaults, maintenanceIntervalMs: 0, ...config, library })
      this.#nodes.set(peer, { host, servent, library })
      servent.start()
    }
  }

  servent(number: number): Servent {
    return this.#node(toPeer(number)).servent
  }

  host(number: number): RecordingHost<Message, GnutellaEvent> {
    return this.#node(toPeer(number)).host
  }

  share(number: number, name: string, extra: Partial<NewFile> = {}): void {
    this.#node(toPeer(number)).library.add({ name, size: 1000, sha1: undefined, cid: undefined, ...extra })
  }

  /** Makes neighbors as if they had shaken hands: `link('1-2 2-3')`. */
  link(pairs: string): void {
    for (const pair of pairs.split(' ')) {
      const [a, b] = pair.split('-').map((number) => toPeer(Number(number))) as [Peer, Peer]
      this.#connections.add(connection(a, b))
      this.#node(a).servent.adopt(b)
      this.#node(b).servent.adopt(a)
    }
  }

  /** Does one thing, writes it down, and lets the network go on until it is quiet. */
  do(line: string, act: () => unknown): string {
    const from = this.lines.length
    this.lines.push(`> ${line}`)
    act()
    this.#carryOut()
    while (this.#pending.length > 0) {
      const next = this.#pending.reduce((first, other) => (other.at < first.at ? other : first))
      this.#pending = this.#pending.filter((other) => other !== next)
      this.#now = next.at
      for (const { host } of this.#nodes.values()) host.clock = this.#now
      next.run()
      this.#carryOut()
    }
    this.lines.push('')
    return this.lines.slice(from).join('\n')
  }

  /** Lets time pass in which nothing happens. */
  pass(ms: number): void {
    this.#now += ms
    for (const { host } of this.#nodes.values()) host.clock = this.#now
  }

  /** Everything written down, as the text of a trace. */
  toString(): string {
    return `${this.lines.join('\n').trimEnd()}\n`
  }

  #carryOut(): void {
    for (const [self, { host }] of this.#nodes) {
      for (const effect of host.take()) {
        if (effect.effect === 'send') this.#send(self, effect.to, effect.message)
        else if (effect.effect === 'emit') this.#write(`${self} tells ${this.#event(effect.event)}`)
        else if (effect.effect === 'connect') this.#connect(self, effect.peer)
        else if (effect.effect === 'disconnect') this.#disconnect(self, effect.peer)
      }
    }
  }

  #send(from: Peer, to: Peer, message: Message): void {
    const bytes = gnutella04.codec.encode(message, testPeerCodec)
    this.#later(() => {
      if (!this.#connections.has(connection(from, to))) return
      this.#write(`${from}->${to} ${this.#message(message)} (${bytes.length} bytes)`)
      this.#nodes.get(to)?.servent.onMessage(from, gnutella04.codec.decode(bytes, testPeerCodec))
    })
  }

  #connect(self: Peer, peer: Peer): void {
    this.#later(() => {
      const other = this.#nodes.get(peer)
      if (other === undefined) return this.#node(self).servent.onPeerDisconnected(peer)
      this.#write(`${self} dials ${peer}`)
      this.#connections.add(connection(self, peer))
      other.servent.onPeerConnected(self)
      this.#node(self).servent.onPeerConnected(peer)
    })
  }

  #disconnect(self: Peer, peer: Peer): void {
    this.#later(() => {
      this.#write(`${self} hangs up on ${peer}`)
      this.#connections.delete(connection(self, peer))
      for (const [a, b] of [
        [self, peer],
        [peer, self],
      ] as const)
        this.#nodes.get(a)?.servent.onPeerDisconnected(b)
    })
  }

  #later(run: () => void): void {
    this.#pending.push({ at: this.#now + LATENCY_MS, run })
  }

  #write(text: string): void {
    this.lines.push(`${String(this.#now).padStart(4)} ${text}`)
  }

  #node(peer: Peer): Node {
    const node = this.#nodes.get(peer)
    if (node === undefined) throw new RangeError(`there is no servent ${peer}`)
    return node
  }

  #message(message: Message): string {
    if (!('ttl' in message)) return message.type
    const header = `${message.type} ${this.#id(message.guid)} ttl=${message.ttl} hops=${message.hops}`
    switch (message.type) {
      case 'Query':
        return `${header} ${JSON.stringify(message.criteria)}`
      case 'QueryHit':
        return `${header} from ${message.peer}: ${message.results.map(({ index, name }) => `${index} ${JSON.stringify(name)}`).join(', ')}`
      case 'Pong':
        return `${header} from ${message.peer}: ${message.fileCount} files, ${message.kilobyteCount} KB`
      case 'Push':
        return `${header} file ${message.index} to ${message.peer}`
      default:
        return header
    }
  }

  #event(event: GnutellaEvent): string {
    switch (event.type) {
      case 'query-hit':
        return `query-hit ${this.#id(event.guid)}: ${event.index} ${JSON.stringify(event.name)} of ${event.peer}, ${event.hops} hops`
      case 'push-requested':
        return `push-requested: file ${event.index} to ${event.peer}`
      case 'neighbor-down':
        return `neighbor-down ${event.peer}: ${event.reason}`
      case 'query-seen':
        return `query-seen ${this.#id(event.guid)} from ${event.from}`
      case 'role-changed':
        return `role-changed: ${event.role}`
      default:
        return `${event.type} ${event.peer}`
    }
  }

  /** Ids by the order in which they were first seen. */
  #id(guid: string): string {
    const name = this.#names.get(guid) ?? `#${this.#names.size + 1}`
    this.#names.set(guid, name)
    return name
  }
}

function connection(a: Peer, b: Peer): string {
  return (a as number) < (b as number) ? `${a}-${b}` : `${b}-${a}`
}
