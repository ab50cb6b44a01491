import { keysEqual } from '@servent/keyspace'
import type { Peer } from '@servent/machine'
import type { Archive } from './archive.ts'
import type { DropReason } from './drops.ts'
import type { Joining } from './joining.ts'
import type { Route } from './messages.ts'
import type { Node } from './node.ts'
import type { Routes, Source } from './routes.ts'

/** What forwarding has to do with the rest of the node. */
interface Parts {
  readonly routes: Routes
  readonly archive: Archive
  readonly joining: Joining
  /** We are where we belong, without having been told so. */
  takePlace(): void
}

/** Messages to a key that come by: refused, delivered here, or forwarded to a node that is closer. */
export class Forwarding {
  readonly #node: Node
  readonly #parts: Parts

  constructor(node: Node, parts: Parts) {
    this.#node = node
    this.#parts = parts
  }

  onRoute(from: Peer, message: Route): void {
    const { host } = this.#node
    const { routes, archive, joining } = this.#parts
    const { id, path } = message
    const isJoin = message.payload.type === 'join' || message.payload.type === 'meet'
    const reason = this.#refusalOf(from, message, isJoin)
    if (reason !== undefined) return this.#node.drop(reason)
    const isDuplicate = routes.has(id)
    // Whoever joins keeps no books of messages under way: it waits for state, not for this.
    const ack = () => {
      if (!isJoin || path.length > 1) host.send(from, { type: 'Ack', id })
    }
    if (isDuplicate) {
      this.#node.drop('duplicate')
      return ack()
    }
    const source = { peer: from }
    if (archive.isResponsibleFor(message)) {
      if (message.payload.type === 'put') ack()
      return archive.arrived(message, source)
    }
    routes.pass(message, source)
    if (isJoin || routes.has(id)) ack()
    if (message.payload.type === 'join' && routes.has(id)) joining.passing(message, false)
  }

  /** Nobody known is closer to the key. */
  deliver(message: Route, source: Source): void {
    const { type } = message.payload
    if (type === 'join' || type === 'meet') this.#parts.joining.passing(message, true)
    else this.#parts.archive.arrived(message, source)
  }

  /** Those that wanted to join while we had no place ourselves. */
  serveWaiting(): void {
    for (const join of this.#parts.joining.takeWaiting()) this.onRoute(join.path.at(-1) as Peer, join)
  }

  #refusalOf(from: Peer, message: Route, isJoin: boolean): DropReason | undefined {
    const { host, config } = this.#node
    const { routes } = this.#parts
    const { key, path, payload } = message
    const [origin] = path
    if (origin === undefined || path.at(-1) !== from) return 'forged-path'
    if (isJoin && !keysEqual(key, host.keyOf(origin))) return 'forged-join'
    if (payload.type === 'put' && !keysEqual(key, payload.record.key)) return 'wrong-key'
    if (path.length > config.hopsMax) return 'too-many-hops'
    if (path.includes(host.self)) return 'routing-loop'
    if (routes.isFull) return 'too-many-routes'
    return this.#node.isJoined || this.#begins(origin, message) ? undefined : 'not-joined'
  }

  /** Whether we begin, of two that join through each other: or neither would ever have a place. */
  #begins(origin: Peer, message: Route): boolean {
    const { joining, takePlace } = this.#parts
    if (message.payload.type !== 'join') return false
    const isFirst = joining.giveWay(origin)
    if (isFirst) takePlace()
    else joining.letWait(message)
    return isFirst
  }
}
