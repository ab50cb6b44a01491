import { access, constants, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Hit, Servent } from '@servent/servent'
import { DownloadError, SinkFailedError, SinkFullError } from '@servent/transfer'
import { type FileSink, fileSink } from '@servent/transfer/node'
import type { CommandLine } from '../command-line.ts'
import { CommandError, systemCode } from '../errors.ts'
import { formatBytes, formatDuration } from '../format.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'

type GetCommand = Extract<CommandLine, { command: 'get' }>

/** Ours: who has a file answers a query for it within a second or two; the slowest of them are not worth a wait. */
const FIND_WAIT_MS = 5000

/**
 * Finds who has the file that a link names and fetches it: from the first that answers, and from the next when that fails.
 *
 * @throws CommandError with a sentence for a person
 */
export async function get(command: GetCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const out = resolve(command.out)
  await checkOut(out)
  await withPeer(command, terminal, signal, async (peer) => {
    const { target } = command
    terminal.note(`Looking for ${target.name}…`)
    let lastFailure: DownloadError | undefined
    const tried = new Set<string>()
    for await (const hit of peer.find(target, { waitMs: FIND_WAIT_MS, signal })) {
      for (const source of hit.sources) {
        if (tried.has(source.peer.id)) continue
        tried.add(source.peer.id)
        lastFailure = await fetchFrom(peer, { ...hit, sources: [source] }, out, terminal, signal)
        if (lastFailure === undefined) return
        if (isOurs(lastFailure)) throw new CommandError(lastFailure.message, { cause: lastFailure })
        terminal.note(`${source.peer.name}: ${lastFailure.message}`)
      }
    }
    signal.throwIfAborted()
    if (lastFailure !== undefined) throw new CommandError(lastFailure.message, { cause: lastFailure })
    throw new CommandError(`Nobody who is here now has ${target.name}.`)
  })
}

/** Fetches from one peer. Resolves with why not, when it does not work. */
async function fetchFrom(
  peer: Servent,
  hit: Hit,
  out: string,
  terminal: Terminal,
  signal: AbortSignal
): Promise<DownloadError | undefined> {
  const sink = await createSink(join(out, hit.name))
  try {
    const result = await peer.download(hit, sink, {
      signal,
      onStep: (step) => terminal.note(step),
      onProgress: (progress) => terminal.progress(hit.name, progress),
    })
    terminal.endProgress()
    const { cid, size, durationMs, transport } = result
    const about = `${sink.path}: ${formatBytes(size)} from ${result.peer.name} in ${formatDuration(durationMs)}`
    terminal.result(about, { path: sink.path, cid, size, durationMs, transport, peer: result.peer })
    return undefined
  } catch (error) {
    terminal.endProgress()
    if (error instanceof DownloadError) return error
    throw error
  }
}

async function createSink(path: string): Promise<FileSink> {
  try {
    return await fileSink(path)
  } catch (error) {
    if (error instanceof SinkFailedError || error instanceof SinkFullError) {
      throw new CommandError(error.message, { cause: error })
    }
    throw error
  }
}

/** Whether the fault is on this side, so that another source would not help. */
function isOurs({ reason }: DownloadError): boolean {
  return reason === 'sink-full' || reason === 'sink-failed' || reason === 'aborted'
}

async function checkOut(folder: string): Promise<void> {
  try {
    const found = await stat(folder)
    if (!found.isDirectory()) throw new CommandError(`${folder} is a file: --out takes a folder.`)
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') throw new CommandError(`There is no folder ${folder} to put the file in.`, { cause: error })
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
      throw new CommandError(`The folder ${folder} may not be written to: you have no permission.`, { cause: error })
    }
    throw error
  }
}
