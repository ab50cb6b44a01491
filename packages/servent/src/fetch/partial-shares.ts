import type { PartialFile, PartialServer, PartialServing } from '@servent/transfer'

/** Ours: of smaller files, nobody who fetches them too would come in time. 16 MiB. */
const PROVIDED_BYTES_MIN = 16 * 1_048_576

interface PartialSharesParts {
  readonly server: PartialServer
  isShared(cid: string): boolean
  /** Tells those who look a content up that it is here, or no longer. */
  provide(cid: string): void
  stopProviding(cid: string): void
}

/** Who fetches a file is a source of it for others too; of a big one, they are told so. */
export class PartialShares implements PartialServer {
  readonly #parts: PartialSharesParts

  constructor(parts: PartialSharesParts) {
    this.#parts = parts
  }

  addPartial(partial: PartialFile): PartialServing {
    const { server, isShared, provide, stopProviding } = this.#parts
    const cid = partial.cid.toString()
    const serving = server.addPartial(partial)
    if (partial.size < PROVIDED_BYTES_MIN || isShared(cid)) return serving
    provide(cid)
    return {
      ...serving,
      end: () => {
        serving.end()
        // Whoever shares what was fetched goes on telling.
        if (!isShared(cid)) stopProviding(cid)
      },
    }
  }
}
