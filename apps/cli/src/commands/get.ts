import { access, constants, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  FolderError,
  type FolderListing,
  type Hit,
  type LinkTarget,
  type Servent,
  type SourceStatus,
} from '@servent/servent'
import { DownloadError, SinkFailedError, SinkFullError } from '@servent/transfer'
import { type FileSink, fileSink } from '@servent/transfer/node'
import type { CommandLine } from '../command-line.ts'
import { CommandError, systemCode } from '../errors.ts'
import { formatBytes, formatDuration } from '../format.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'
import { getFolder } from './get-folder.ts'

type GetCommand = Extract<CommandLine, { command: 'get' }>

/** Ours: who has a file answers a query for it within a second or two; the slowest of them are not worth a wait. */
const FIND_WAIT_MS = 5000

/**
 * Finds who has the file, or the folder, that a link names and fetches it from all of them at once. What an earlier run of the same command
 * has fetched is not fetched again.
 *
 * @throws CommandError with a sentence for a person
 */
export async function get(command: GetCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const out = resolve(command.out)
  await checkOut(out)
  await withPeer(command, terminal, signal, async (peer) => {
    const { target } = command
    terminal.note(`Looking for ${target.name}…`)
    const folder = await folderOf(peer, target, terminal, signal)
    if (folder !== undefined) return getFolder(peer, folder, out, terminal, signal)
    for await (const hit of peer.find(target, { waitMs: FIND_WAIT_MS, signal })) {
      // The name is the link's: under it the file is found again when it was not finished.
      return fetchHit(peer, { ...hit, name: target.name }, out, terminal, signal)
    }
    signal.throwIfAborted()
    throw new CommandError(`Nobody who is here now has ${target.name}.`)
  })
}

/** The folder that a link names; undefined when it names a file, or nobody has such a folder. Links to files say how big they are. */
async function folderOf(
  peer: Servent,
  target: LinkTarget,
  terminal: Terminal,
  signal: AbortSignal
): Promise<FolderListing | undefined> {
  if (target.size !== undefined) return undefined
  try {
    return await peer.list(target, { signal, onStep: (step) => terminal.note(step) })
  } catch (error) {
    if (!(error instanceof FolderError)) throw error
    if (error.reason === 'unreadable') throw new CommandError(error.message, { cause: error })
    return undefined
  }
}

async function fetchHit(peer: Servent, hit: Hit, out: string, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { cid, size } = hit
  const sink = await createSink(join(out, hit.name), hit)
  const told = new Set<string>()
  let doneBytes = 0
  try {
    const { durationMs, sources } = await peer.download(hit, sink, {
      signal,
      onStep: (step) => terminal.note(step),
      onProgress: (progress) => {
        doneBytes = progress.doneBytes
        terminal.progress(hit.name, progress)
        tellProblems(progress.sources, told, terminal)
      },
    })
    terminal.endProgress()
    const givers = sources.filter(({ verifiedBytes }) => verifiedBytes > 0)
    const from = givers.length === 0 ? 'what was here already' : givers.map(({ peer: { name } }) => name).join(', ')
    const about = `${sink.path}: ${formatBytes(size)} from ${from} in ${formatDuration(durationMs)}`
    terminal.result(about, { path: sink.path, cid, size, durationMs, sources })
  } catch (error) {
    terminal.endProgress()
    if (!(error instanceof DownloadError)) throw error
    signal.throwIfAborted()
    const goOn = doneBytes > 0 ? ' The same command goes on where it stopped.' : ''
    throw new CommandError(`${error.message}${goOn}`, { cause: error })
  }
}

/** Says of each source once why it is asked no more. */
function tellProblems(sources: readonly SourceStatus[], told: Set<string>, terminal: Terminal): void {
  for (const { peer, problem } of sources) {
    if (problem === undefined || told.has(peer.id)) continue
    told.add(peer.id)
    terminal.note(`${peer.name}: ${problem}`)
  }
}

async function createSink(path: string, { cid, size }: Hit): Promise<FileSink> {
  try {
    return await fileSink(path, { cid, size })
  } catch (error) {
    if (error instanceof SinkFailedError || error instanceof SinkFullError) {
      throw new CommandError(error.message, { cause: error })
    }
    throw error
  }
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
