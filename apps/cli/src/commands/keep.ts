import { join } from 'node:path'
import { formatLink, type Servent } from '@servent/servent'
import { Keeper, KeeperError, type KeeperListener, type KeptFile, KeptStore } from '@servent/servent/node'
import type { CommandLine, CommonOptions } from '../command-line.ts'
import { CommandError } from '../errors.ts'
import { formatBytes, plural } from '../format.ts'
import { withGateway } from '../gateway.ts'
import { withPeer } from '../peer.ts'
import type { Terminal } from '../terminal.ts'
import { stayUntil, untilAborted } from './stay.ts'

type KeepCommand = Extract<CommandLine, { command: 'keep' }>
type KeptCommand = Extract<CommandLine, { command: 'kept' }>

/**
 * Serves what is kept, and fetches what else is to be kept, until the signal fires.
 *
 * @throws CommandError with a sentence for a person: also when a file that a link names cannot be kept
 */
export async function keep(command: KeepCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const act = (peer: Servent): Promise<void> => orCommandError(() => keepWith(peer, command, terminal, signal))
  await withPeer(command, terminal, signal, act, { keeper: true })
}

async function keepWith(peer: Servent, command: KeepCommand, terminal: Terminal, signal: AbortSignal): Promise<void> {
  const { budgetBytes, targets, gateway } = command
  const listener = listenerOf(command, terminal)
  const keeper = await Keeper.start(peer, { folder: folderOf(command), budgetBytes, listener })
  try {
    const count = plural(keeper.files.length, 'file', 'files')
    const room = `${formatBytes(keeper.usedBytes)} of ${formatBytes(budgetBytes)}`
    terminal.note(`Keeping ${count}, ${room}, as ${peer.identity.name}. Stop with Ctrl-C.`)
    const wanted = Promise.all(targets.map((target) => keeper.keep(target)))
    // Ends at once when a file cannot be kept, and else when the person says so.
    const whole = wanted.then(() => untilAborted(signal))
    await withGateway(gateway, peer, terminal, () => Promise.race([stayUntil(signal, peer, terminal), whole]))
  } finally {
    await keeper.stop()
  }
}

/**
 * Lists what is kept, or gives some of it up; without a network.
 *
 * @throws CommandError with a sentence for a person
 */
export async function kept(command: KeptCommand, terminal: Terminal): Promise<void> {
  await orCommandError(async () => {
    if (command.drop.length === 0) {
      for (const file of await KeptStore.list(folderOf(command))) tell(file, 'kept', command, terminal)
      return
    }
    const store = await KeptStore.open(folderOf(command), {
      budgetBytes: Number.POSITIVE_INFINITY,
      onEvict: () => undefined,
      onProblem: (sentence) => terminal.note(sentence),
    })
    try {
      for (const cid of command.drop) {
        const file = store.get(cid)
        if (file === undefined || !(await store.remove(cid))) throw new CommandError(`${cid} is not kept.`)
        tell(file, 'dropped', command, terminal)
      }
    } finally {
      await store.close()
    }
  })
}

function folderOf({ data }: CommonOptions): string {
  return join(data, 'kept')
}

function listenerOf(command: KeepCommand, terminal: Terminal): KeeperListener {
  return {
    onKept: (file) => tell(file, 'kept', command, terminal),
    onRemoved: (file, why) => tell(file, why, command, terminal),
    onStep: (name, sentence) => terminal.note(`${name}: ${sentence}`),
    onProgress: (name, progress) => terminal.progress(name, progress),
    onProblem: (sentence) => terminal.note(sentence),
  }
}

const WORDS = {
  kept: '',
  begun: ' (not all of it yet)',
  evicted: ' (given up to make room)',
  dropped: ' (kept no more)',
} as const

function tell(file: KeptFile, event: keyof typeof WORDS, command: CommonOptions, terminal: Terminal): void {
  terminal.endProgress()
  const { cid, name, size, usedAtMs } = file
  const what = event === 'kept' && !file.isWhole ? 'begun' : event
  const link = formatLink(command.bootstrap[0] ?? '', file)
  const about = `${formatBytes(size).padStart(8)}  ${name}${WORDS[what]}\n          ${link}`
  const used = new Date(usedAtMs).toISOString()
  terminal.result(about, { event: what, cid, name, size, used, link })
}

async function orCommandError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KeeperError) throw new CommandError(error.message, { cause: error })
    throw error
  }
}
