import { formatLink, type Hit, type SearchProgress } from '@servent/servent'
import type { CommandLine } from '../command-line.ts'
import { CommandError } from '../errors.ts'
import { formatBytes, formatDuration, plural } from '../format.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'

type SearchCommand = Extract<CommandLine, { command: 'search' }>

/**
 * Asks the overlays and prints what is found as it comes, each content once, then what each overlay found and took.
 *
 * @throws CommandError when nothing is found
 */
export async function search(command: SearchCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { words, ttl, waitMs, overlays } = command
  await withPeer(command, terminal, signal, async (peer) => {
    terminal.note(`Searching for "${words}"…`)
    const told = new Set<string>()
    let progress: SearchProgress | undefined
    const onProgress = (now: SearchProgress): void => {
      progress = now
    }
    const options = { ttl, waitMs, signal, onProgress, ...(overlays === undefined ? {} : { overlays }) }
    for await (const hit of peer.search(words, options)) {
      if (told.has(hit.cid)) continue
      told.add(hit.cid)
      tellHit(hit, command, terminal)
    }
    signal.throwIfAborted()
    if (progress !== undefined) tellFigures(progress, command, terminal)
    if (told.size === 0) throw new CommandError(`Nobody within reach has a file named "${words}".`)
    terminal.note(`${plural(told.size, 'file', 'files')}. Fetch one with servent get LINK.`)
  })
}

function tellHit(hit: Hit, command: SearchCommand, terminal: Terminal): void {
  const { cid, name, size, sha1, sources } = hit
  const [{ peer, findings }] = sources
  const [{ overlay, hops, afterMs }] = findings
  const link = formatLink(command.bootstrap[0] ?? '', { cid, name, size })
  const about = `${formatBytes(size).padStart(8)}  ${name}  (${peer.name}, ${plural(hops, 'link', 'links')} away)`
  terminal.result(`${about}\n          ${link}`, { cid, name, size, sha1, overlay, hops, afterMs, peer, link })
}

function tellFigures({ overlays }: SearchProgress, { json }: SearchCommand, terminal: Terminal): void {
  if (json) {
    terminal.result('', { event: 'figures', overlays })
    return
  }
  for (const { overlay, problem, foundCount, sentCount, receivedCount, hopsMax, firstAfterMs } of overlays) {
    const first = firstAfterMs === undefined ? '' : `, the first after ${formatDuration(firstAfterMs)}`
    const figures = `${foundCount} found within ${plural(hopsMax, 'link', 'links')}, ${plural(sentCount, 'message', 'messages')} out, ${receivedCount} back${first}`
    terminal.note(`${overlay}: ${problem ?? figures}`)
  }
}
