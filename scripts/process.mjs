// Child processes: started with the caller's terminal, told of its signals, waited for.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * Runs a command with this process's terminal and waits for its end. A signal that ends us is passed on once, and the
 * child is then waited for: it may have something to put away.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, stdout?: 'inherit' | 'stderr' }} [options] - `stdout: 'stderr'` keeps our own output clean
 * @returns {Promise<number>} the exit code; 128 and the signal's number when a signal ended it, as shells do
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['inherit', options.stdout === 'stderr' ? 2 : 'inherit', 'inherit'],
      env: options.env ?? process.env,
    })
    const stopForwarding = forwardSignals(child)
    child.once('error', (error) => {
      stopForwarding()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      stopForwarding()
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal]))
    })
  })
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {() => void} ends it
 */
function forwardSignals(child) {
  /** @type {Set<NodeJS.Signals>} */
  const told = new Set()
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    if (told.has(signal)) return
    told.add(signal)
    // A terminal's Ctrl-C has reached the child already: it goes to everyone in the foreground.
    if (signal === 'SIGINT' && process.stdin.isTTY) return
    child.kill(signal)
  }
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}
