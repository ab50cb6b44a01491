#!/usr/bin/env node
import { startBootstrap } from './bootstrap.ts'
import { ConfigError, HELP, readConfig } from './config.ts'

/** Prints the URL of the page once it answers, and stops cleanly on SIGINT and SIGTERM. */
async function main(): Promise<void> {
  const config = readConfig(process.argv.slice(2), process.env)
  if (config === 'help') {
    process.stdout.write(HELP)
    return
  }
  const bootstrap = await startBootstrap(config, (sentence) => process.stderr.write(`${sentence}\n`))
  process.stdout.write(
    `\n  The page:  ${bootstrap.url}\n  This node: ${bootstrap.servent.identity.name} (${bootstrap.servent.identity.id})\n  Stop with Ctrl-C.\n\n`
  )
  let isStopping = false
  const stop = (): void => {
    // A second signal while stopping ends it at once, as a person expects who presses Ctrl-C twice.
    if (isStopping) process.exit(130)
    isStopping = true
    process.stderr.write('Stopping…\n')
    bootstrap.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error)
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

function fail(error: unknown): never {
  const sentence = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${sentence}\n`)
  process.exit(error instanceof ConfigError ? 2 : 1)
}

main().catch(fail)
