import { formatLink, type Hit } from '@servent/servent'
import type { CommandLine } from '../command-line.ts'
import { CommandError } from '../errors.ts'
import { formatBytes, plural } from '../format.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'

type SearchCommand = Extract<CommandLine, { command: 'search' }>

/**
 * Floods a query and prints hits as they come.
 *
 * @throws CommandError when nothing is found
 */
export async function search(command: SearchCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { words, ttl, waitMs } = command
  await withPeer(command, terminal, signal, async (peer) => {
    terminal.note(`Searching for "${words}"…`)
    let hitCount = 0
    for await (const hit of peer.search(words, { ttl, waitMs, signal })) {
      hitCount++
      tellHit(hit, command, terminal)
    }
    signal.throwIfAborted()
    if (hitCount === 0)
      throw new CommandError(`Nobody within ${plural(ttl, 'link', 'links')} has a file named "${words}".`)
    terminal.note(`${plural(hitCount, 'hit', 'hits')}. Fetch one with servent get LINK.`)
  })
}

function tellHit(hit: Hit, command: SearchCommand, terminal: Terminal): void {
  const { cid, name, size, sha1, hops, peer, afterMs } = hit
  const link = formatLink(command.bootstrap[0] ?? '', { cid, name, size })
  const about = `${formatBytes(size).padStart(8)}  ${name}  (${peer.name}, ${plural(hops, 'link', 'links')} away)`
  terminal.result(`${about}\n          ${link}`, { cid, name, size, sha1, hops, afterMs, peer, link })
}
