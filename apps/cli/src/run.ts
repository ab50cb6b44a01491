import { parseCommandLine } from './command-line.ts'
import { get } from './commands/get.ts'
import { keep, kept } from './commands/keep.ts'
import { search } from './commands/search.ts'
import { share } from './commands/share.ts'
import { CommandError, sentenceOf, UsageError } from './errors.ts'
import { Terminal, type TextStream } from './terminal.ts'

/** What a program has around it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly out: TextStream
  readonly error: TextStream
  /** Fires when the person wants it to end. */
  readonly signal: AbortSignal
}

/** How a command ended, as an exit code. */
const EXIT = {
  done: 0,
  failed: 1,
  notUnderstood: 2,
  /** 128 + SIGINT, as shells have it: stopped before it was done. */
  interrupted: 130,
} as const

/** Runs one command line. Never rejects for what a person or the network did: that is a sentence and an exit code. */
export async function run(args: readonly string[], { env, out, error, signal }: Surroundings): Promise<number> {
  try {
    const line = parseCommandLine(args, env)
    if (line.command === 'print') {
      out.write(line.text)
      return EXIT.done
    }
    const terminal = new Terminal(out, error, line.json)
    if (line.command === 'share') await share(line, terminal, signal)
    else if (line.command === 'search') await search(line, terminal, signal)
    else if (line.command === 'get') await get(line, terminal, signal)
    else if (line.command === 'keep') await keep(line, terminal, signal)
    else await kept(line, terminal)
    return EXIT.done
  } catch (failure) {
    if (signal.aborted) return EXIT.interrupted
    if (failure instanceof UsageError) {
      error.write(`${failure.message}\n`)
      return EXIT.notUnderstood
    }
    if (failure instanceof CommandError) {
      error.write(`${failure.message}\n`)
      return EXIT.failed
    }
    error.write(`Something went wrong that should not: ${sentenceOf(failure)}\n`)
    return EXIT.failed
  }
}
