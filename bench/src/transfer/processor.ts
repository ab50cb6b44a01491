import { readdirSync, readFileSync } from 'node:fs'
import { platform } from 'node:process'

/** Ticks of the clock by which Linux counts processor time: the same on all machines that run browsers. */
const TICKS_PER_SECOND = 100

/** Fields of `/proc/PID/stat` after the name of the program, which may have spaces in it (proc_pid_stat(5)). */
const FIELD = { group: 2, userTicks: 11, systemTicks: 12 } as const

/**
 * Tells how much of the processors' time a browser has taken so far, all its processes together, in milliseconds. Undefined where the
 * system does not tell: anywhere but on Linux.
 *
 * @param profile - the folder of its profile, by which it is known
 */
export function processorTimeOf(profile: string): () => number | undefined {
  if (platform !== 'linux') return () => undefined
  const leader = pids().find((pid) => isNamed(pid, profile))
  const group = leader === undefined ? undefined : statOf(leader)?.[FIELD.group]
  if (group === undefined) return () => undefined
  return () => {
    let ticks = 0
    for (const pid of pids()) {
      const stat = statOf(pid)
      if (stat?.[FIELD.group] === group) ticks += Number(stat[FIELD.userTicks]) + Number(stat[FIELD.systemTicks])
    }
    return (ticks / TICKS_PER_SECOND) * 1_000
  }
}

function pids(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

/** Helpers of a browser may be in groups of their own. */
function isNamed(pid: string, profile: string): boolean {
  const command = read(`/proc/${pid}/cmdline`)
  return command?.includes(`--user-data-dir=${profile}`) === true && !/--type=|crashpad/.test(command)
}

function statOf(pid: string): string[] | undefined {
  const text = read(`/proc/${pid}/stat`)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Undefined for a process that has just ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return undefined
    throw error
  }
}
