import { opendir, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { formatLink, type Share } from '@servent/servent'
import { FolderShare, type FolderShareListener } from '@servent/servent/node'
import type { CommandLine } from '../command-line.ts'
import { CommandError, systemCode } from '../errors.ts'
import { FolderLink } from '../folder-link.ts'
import { formatBytes, plural } from '../format.ts'
import { withGateway } from '../gateway.ts'
import { openIdentities } from '../identities.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'
import { stayUntil, untilAborted } from './stay.ts'

type ShareCommand = Extract<CommandLine, { command: 'share' }>

/**
 * Shares every file of a folder until the signal fires, and follows what happens there. What cannot be shared is named and left out.
 *
 * @throws CommandError with a sentence for a person
 */
export async function share(command: ShareCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const folder = resolve(command.folder)
  await checkFolder(folder)
  const identities = await openIdentities(command, terminal)
  await withPeer(command, terminal, signal, async (peer) => {
    const onChange = (): void => link?.changed()
    let link: FolderLink | undefined
    const shared = await FolderShare.start(peer, folder, listenerOf(command, terminal, onChange), { identities })
    try {
      await Promise.race([shared.idle(), untilAborted(signal)])
      signal.throwIfAborted()
      link = new FolderLink({ peer, name: basename(folder), shared, page: pageOf(command), terminal })
      await link.update()
      const count = plural(shared.fileCount, 'file', 'files')
      const what =
        shared.fileCount === 0 ? `There is no file in ${folder} yet: what comes is shared` : `Sharing ${count}`
      terminal.note(`${what} as ${peer.identity.name}. Stop with Ctrl-C.`)
      await withGateway(command.gateway, peer, terminal, () => stayUntil(signal, peer, terminal))
    } finally {
      link?.stop()
      shared.stop()
    }
  })
}

function listenerOf(command: ShareCommand, terminal: Terminal, onChange: () => void): FolderShareListener {
  return {
    onShared: (path, file, isChange) => {
      tellShare(path, file, isChange ? 'changed' : 'shared', command, terminal)
      onChange()
    },
    onUnshared: (path, { cid, name, size }) => {
      onChange()
      terminal.result(` removed  ${path}`, { event: 'removed', path, cid, name, size })
    },
    onProblem: ({ path, reason }) => terminal.note(`Not shared: ${path === '' ? '' : `${path}: `}${reason}`),
    onProgress: (path, progress) => terminal.progress(path, progress),
  }
}

/** Any page opens a link: this one the person knows. */
function pageOf({ bootstrap }: ShareCommand): string {
  return bootstrap[0] ?? ''
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

function tellShare(
  path: string,
  { cid, name, size, sha1 }: Share,
  event: 'shared' | 'changed',
  command: ShareCommand,
  terminal: Terminal
): void {
  terminal.endProgress()
  const link = formatLink(pageOf(command), { cid, name, size })
  const about = `${formatBytes(size).padStart(8)}  ${path}${event === 'changed' ? ' (changed)' : ''}`
  terminal.result(`${about}\n          ${link}`, { event, path, cid, name, size, sha1, link })
}
