import { link, readFile, rm, writeFile } from 'node:fs/promises'

/**
 * Takes a lock that one process at a time can have: a file that names its process. That of a process which has gone is free.
 *
 * @returns what lets it go, or undefined when another process has it
 * @throws Error of the operating system when the file cannot be written
 */
export async function takeProcessLock(path: string): Promise<(() => Promise<void>) | undefined> {
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  try {
    // A link appears with its content, so nobody ever reads a lock that does not name its holder yet.
    if (!(await tryLink(own, path))) {
      if (await isHeld(path)) return undefined
      await rm(path, { force: true })
      if (!(await tryLink(own, path))) return undefined
    }
    return () => rm(path, { force: true })
  } finally {
    await rm(own, { force: true })
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function isHeld(path: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(path, 'utf8'))
    if (!Number.isInteger(pid) || pid <= 0) return false
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else. ESRCH: it has gone. ENOENT: it let go just now.
    const code = codeOf(error)
    if (code === 'EPERM') return true
    if (code === 'ESRCH' || code === 'ENOENT') return false
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
