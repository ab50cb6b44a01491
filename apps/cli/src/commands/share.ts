import { opendir, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { formatLink, type Servent, type Share, type UploadStatus } from '@servent/servent'
import { folderContents } from '@servent/transfer/node'
import type { CommandLine } from '../command-line.ts'
import { CommandError, sentenceOf, systemCode } from '../errors.ts'
import { formatBytes, plural } from '../format.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'

type ShareCommand = Extract<CommandLine, { command: 'share' }>

/** Ours: uploads remembered so that each is told once; forgetting them repeats a line, no more. */
const TOLD_MAX = 1000

/**
 * Shares every file of a folder until the signal fires. What cannot be read is named and left out.
 *
 * @throws CommandError with a sentence for a person
 */
export async function share(command: ShareCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const folder = resolve(command.folder)
  await checkFolder(folder)
  const { contents, problems } = await folderContents(folder)
  for (const { path, reason } of problems) terminal.note(`Not shared: ${path}: ${reason}`)
  if (contents.length === 0) throw new CommandError(`There is no file to share in ${folder}.`)
  await withPeer(command, terminal, signal, async (peer) => {
    for (const content of contents) {
      signal.throwIfAborted()
      const onProgress = (progress: Parameters<Terminal['progress']>[1]) => terminal.progress(content.name, progress)
      try {
        tellShare(await peer.share(content, { signal, onProgress }), command, terminal)
      } catch (error) {
        signal.throwIfAborted()
        terminal.note(`Not shared: ${content.name}: ${sentenceOf(error)}`)
      }
    }
    if (peer.shares.length === 0) throw new CommandError(`No file in ${folder} could be shared.`)
    terminal.note(`Sharing ${plural(peer.shares.length, 'file', 'files')} as ${peer.identity.name}. Stop with Ctrl-C.`)
    await stayUntil(signal, peer, terminal)
  })
}

async function checkFolder(folder: string): Promise<void> {
  try {
    const found = await stat(folder)
    if (!found.isDirectory())
      throw new CommandError(`${folder} is a file: servent share takes the folder that it is in.`)
    // Opened, for what `access` says is not what opening does: it asks for whom the process was started by.
    await (await opendir(folder)).close()
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') throw new CommandError(`There is no folder ${folder}.`, { cause: error })
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CommandError(`The folder ${folder} may not be read: you have no permission.`, { cause: error })
    }
    throw error
  }
}

function tellShare({ cid, name, size, sha1 }: Share, command: ShareCommand, terminal: Terminal): void {
  terminal.endProgress()
  const link = formatLink(command.bootstrap[0] ?? '', { cid, name, size })
  terminal.result(`${formatBytes(size).padStart(8)}  ${name}\n          ${link}`, {
    event: 'shared',
    cid,
    name,
    size,
    sha1,
    link,
  })
}

/** Tells of each file that somebody begins to fetch, until the signal fires. */
async function stayUntil(signal: AbortSignal, peer: Servent, terminal: Terminal): Promise<void> {
  const told = new Set<string>()
  const onUpload = ({ detail }: CustomEvent<UploadStatus>): void => {
    const key = `${detail.peer.id} ${detail.cid}`
    if (told.has(key)) return
    if (told.size >= TOLD_MAX) told.clear()
    told.add(key)
    terminal.result(`${detail.peer.name} fetches ${basename(detail.name)}`, { event: 'upload', ...detail })
  }
  peer.addEventListener('upload', onUpload)
  await new Promise<void>((stop) => {
    if (signal.aborted) stop()
    else signal.addEventListener('abort', () => stop(), { once: true })
  })
  peer.removeEventListener('upload', onUpload)
}
