#!/usr/bin/env node
import { run } from './run.ts'

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second one while stopping ends it at once, as a person expects who presses Ctrl-C twice.
    if (interrupt.signal.aborted) process.exit(130)
    interrupt.abort()
  })
}

process.exit(
  await run(process.argv.slice(2), {
    env: process.env,
    out: process.stdout,
    error: process.stderr,
    signal: interrupt.signal,
  })
)
