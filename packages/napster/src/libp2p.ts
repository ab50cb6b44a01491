/**
 * Napster as an ordinary libp2p service: a client of an index server, or the server itself, over the streams of a
 * js-libp2p node, with calls that iterate and can be aborted.
 *
 * ```ts
 * const node = await createLibp2p({ …, services: { identify: identify(), napster: napster({ library }) } })
 * node.services.napster.addIndex(index)
 * for await (const hit of node.services.napster.search('jazz piano')) console.log(hit.name, hit.size, hit.peer)
 * ```
 *
 * @packageDocumentation
 */
import type { AbortOptions } from '@libp2p/interface'
import { type Limits, type OverlayComponents, type OverlayOptions, OverlayService } from '@servent/libp2p-host'
import type { Peer } from '@servent/machine'
import type { NapsterConfig } from './config.ts'
import { defaults } from './config.ts'
import type { BrowseFile, FailureReason, NapsterEvent, NapsterHit, RequestId } from './events.ts'
import type { IndexClient } from './index-client.ts'
import { IndexServer } from './index-server.ts'
import type { Message } from './messages.ts'
import { napster as protocol } from './protocol.ts'
import type { SearchOptions as ClientSearchOptions } from './search.ts'

type NapsterMachine = IndexServer | IndexClient

/** What differs from the defaults of the protocol and of the host that runs it. */
export type NapsterInit = Partial<NapsterConfig> &
  Pick<OverlayOptions<Message, NapsterEvent, NapsterMachine>, 'commons' | 'limits' | 'runOnLimitedConnection'>

export interface SearchProgress {
  /** Messages that the search has taken so far, both ways. */
  readonly messageCount: number
  readonly hitCount: number
}

export interface SearchOptions extends AbortOptions, ClientSearchOptions {
  /** Told once at the start, of each hit before it is yielded, and once at the end. */
  onProgress?: (progress: SearchProgress) => void
}

/** Thrown when an index server did not answer to the end. */
export class IndexUnavailableError extends Error {
  override readonly name = 'IndexUnavailableError'
  readonly reason: FailureReason

  constructor(reason: FailureReason) {
    super(REASONS[reason])
    this.reason = reason
  }
}

const REASONS: Readonly<Record<FailureReason, string>> = {
  'no-index': 'There is no index server to ask.',
  'index-lost': 'The index server has gone before it had answered.',
  timeout: 'The index server did not answer in time.',
  'too-many-requests': 'Too many searches are waiting for the index server.',
}

/**
 * What the host allows. An index server answers a search with up to a hundred frames at once, and several searches may be
 * under way; it may have as many users as its config says.
 */
export function limitsOf(config: Readonly<NapsterConfig>): Partial<Limits> {
  if (config.isIndex) return { linksMax: config.usersMax, outboxBytesMax: 1 << 20 }
  return {
    framesPerSecond: 4 * config.searchResultsMax + 100,
    framesBurst: config.requestsMax * (config.searchResultsMax + 1) + config.browseMax,
  }
}

/** How long a message is kept for a peer that reads too slowly: the higher, the longer. Without an end no search ends. */
export function dropPriority({ type }: Message): number {
  return type === 'SearchResult' || type === 'BrowseResult' || type === 'MessageOfTheDay' ? 0 : 1
}

/** The client of a machine: of an index server, its operator. */
export function clientOf(machine: NapsterMachine): IndexClient {
  return machine instanceof IndexServer ? machine.operator : machine
}

/** A factory for libp2p's `services`. */
export function napster(init: NapsterInit = {}): (components: OverlayComponents) => NapsterService {
  return (components) => new NapsterService(components, init)
}

/** An index server, or a client of one, within a libp2p node. Its events are those of {@link NapsterEvent}, named by their `type`. */
export class NapsterService extends OverlayService<Message, NapsterEvent, NapsterConfig, NapsterMachine> {
  constructor(components: OverlayComponents, init: NapsterInit) {
    const { commons, limits, runOnLimitedConnection, ...config } = init
    super(components, protocol, config, {
      ...(commons === undefined ? {} : { commons }),
      ...(runOnLimitedConnection === undefined ? {} : { runOnLimitedConnection }),
      limits: { ...limitsOf({ ...defaults, ...config }), ...limits },
      dropPriority,
    })
  }

  /** The client, whose verbs search and ask: of an index server, its operator. */
  get client(): IndexClient {
    return clientOf(this.machine)
  }

  /** The index server itself, if this is one. */
  get server(): IndexServer | undefined {
    return this.machine instanceof IndexServer ? this.machine : undefined
  }

  /** The index that we are logged in at. */
  get index(): Peer | undefined {
    return this.client.index
  }

  /** Makes an index server known. `login` tells when we are logged in there. */
  addIndex(peer: Peer): void {
    this.client.addIndex(peer)
  }

  /**
   * Asks the index and yields what it knows. The question is sent when the iteration begins.
   *
   * @throws IndexUnavailableError when there is no index, or it goes before it has answered
   * @throws the signal's reason when it fires
   */
  async *search(words: string, options: SearchOptions = {}): AsyncGenerator<NapsterHit> {
    const { signal, onProgress, ...query } = options
    let hitCount = 0
    const ask = (client: IndexClient): RequestId => {
      const id = client.search(words, query)
      onProgress?.({ messageCount: client.index === undefined ? 0 : 1, hitCount })
      return id
    }
    for await (const event of this.#answers(ask, signal)) {
      if (event.type === 'napster-hit') {
        hitCount++
        onProgress?.({ messageCount: 1 + hitCount, hitCount })
        yield event
      } else if (event.type === 'search-ended') {
        onProgress?.({ messageCount: event.messageCount, hitCount })
        return
      } else if (event.type === 'search-failed') {
        throw new IndexUnavailableError(event.reason)
      }
    }
  }

  /**
   * Yields what a user shares; nothing if there is no such user.
   *
   * @throws IndexUnavailableError when there is no index, or it goes before it has answered
   * @throws the signal's reason when it fires
   */
  async *browse(nick: string, { signal }: AbortOptions = {}): AsyncGenerator<BrowseFile> {
    for await (const event of this.#answers((client) => client.browse(nick), signal)) {
      if (event.type === 'browse-file') {
        yield event
      } else if (event.type === 'browse-ended') {
        const { failure } = event
        if (failure !== undefined && failure !== 'no-user') throw new IndexUnavailableError(failure)
        return
      }
    }
  }

  /** The events of one request, until the loop is left. */
  async *#answers(ask: (client: IndexClient) => RequestId, signal?: AbortSignal): AsyncGenerator<Answer> {
    signal?.throwIfAborted()
    const { client } = this
    const answers = new AnswerQueue()
    let id: RequestId | undefined
    const onAnswer = ({ detail }: CustomEvent<Answer>): void => {
      if (detail.id === id) answers.push(detail)
    }
    const end = (): void => answers.end()
    for (const type of ANSWER_TYPES) this.addEventListener(type, onAnswer as (event: Event) => void)
    signal?.addEventListener('abort', end)
    this.#open.add(answers)
    try {
      // The host tells events later than the verb that caused them returns: none is missed.
      id = ask(client)
      for (let answer = await answers.next(); answer !== undefined; answer = await answers.next()) {
        signal?.throwIfAborted()
        yield answer
      }
      signal?.throwIfAborted()
    } finally {
      for (const type of ANSWER_TYPES) this.removeEventListener(type, onAnswer as (event: Event) => void)
      signal?.removeEventListener('abort', end)
      this.#open.delete(answers)
      if (id !== undefined) client.forget(id)
    }
  }

  readonly #open = new Set<AnswerQueue>()

  /** Ends the searches that are under way. */
  override async beforeStop(): Promise<void> {
    for (const answers of this.#open) answers.end()
    await super.beforeStop()
  }
}

type Answer = Extract<NapsterEvent, { readonly id: RequestId }>

const ANSWER_TYPES = ['napster-hit', 'search-ended', 'search-failed', 'browse-file', 'browse-ended'] as const

/** Answers between the client, which tells them, and a loop, which takes them. Bounded by what one request may have for results. */
class AnswerQueue {
  readonly #answers: Answer[] = []
  #isEnded = false
  #wake: (() => void) | undefined

  push(answer: Answer): void {
    if (this.#isEnded) return
    this.#answers.push(answer)
    this.#wake?.()
  }

  end(): void {
    this.#isEnded = true
    this.#wake?.()
  }

  /** The next answer; undefined when there will be none. */
  async next(): Promise<Answer | undefined> {
    if (this.#answers.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.#answers.shift()
  }
}
