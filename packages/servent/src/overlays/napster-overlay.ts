import { type ProtocolRunner, runProtocol } from '@servent/libp2p-host'
import type { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { type IndexClient, type IndexServer, type NapsterConfig, type NapsterEvent, napster } from '@servent/napster'
import { clientOf, dropPriority, limitsOf } from '@servent/napster/libp2p'
import { identityOf } from '../identity.ts'
import type { ServentNode } from '../node.ts'
import { ProtocolMark } from '../protocol-mark.ts'
import type { NapsterStatus, ServentOptions, Source } from '../types.ts'
import { NapsterSearch } from './napster-search.ts'

/** What an index is known by: of Napster's own protocol both ends handle the same one. */
const INDEX_MARK = '/servent/napster/index/1.0.0'

/** What happens in Napster that the servent has to do something about. */
export interface NapsterListener {
  /** An index was found or lost. */
  onChange(): void
  /** A peer cannot reach us and asks us to dial it. */
  onPushRequested(peerId: string): void
}

/** Napster on one node: a client of whatever index it meets, or the index. */
export class NapsterOverlay {
  readonly search: NapsterSearch
  readonly #mark: ProtocolMark
  readonly #runner: ProtocolRunner<IndexClient | IndexServer>
  readonly #listener: NapsterListener
  readonly #isIndex: boolean

  /** Makes the overlay, not started. */
  constructor(node: ServentNode, library: Library, options: ServentOptions, listener: NapsterListener) {
    this.#mark = new ProtocolMark(node, INDEX_MARK)
    this.#listener = listener
    this.#isIndex = options.napster === 'index'
    // Port 0: an index lets nobody ask for a push who says that he can be connected to, and that nobody knows of himself here.
    const config: Partial<NapsterConfig> = { library, isIndex: this.#isIndex, port: 0 }
    this.#runner = runProtocol(node, napster, config, {
      onEvent: (event) => this.#onEvent(event),
      dropPriority,
      limits: limitsOf({ ...napster.defaults, ...config }),
    })
    this.search = new NapsterSearch(() => this.#client)
  }

  get status(): NapsterStatus {
    const { index } = this.#client
    return {
      role: this.#isIndex ? 'index' : 'client',
      index: index === undefined ? undefined : identityOf(String(index)),
    }
  }

  get #client(): IndexClient {
    return clientOf(this.#runner.machine)
  }

  async start(): Promise<void> {
    await this.#runner.start()
    if (this.#isIndex) await this.#mark.show()
    else await this.#mark.watch({ onMet: (peerId) => this.#client.addIndex(toPeer(peerId)) })
  }

  async stop(): Promise<void> {
    await this.#mark.stop()
    await this.#runner.stop()
  }

  /** Asks whoever has a file, through the index, to dial us; false when there is no index or it found nothing there. */
  push({ pushPaths }: Pick<Source, 'pushPaths'>): boolean {
    return pushPaths.some((path) => path.overlay === 'napster' && this.#client.push(path.nick, path.fileName))
  }

  #onEvent(event: NapsterEvent): void {
    this.search.onEvent(event)
    switch (event.type) {
      case 'login':
      case 'index-lost':
        this.#listener.onChange()
        break
      case 'push-requested':
        if (typeof event.peer === 'string') this.#listener.onPushRequested(event.peer)
        break
      default:
        break
    }
  }
}
