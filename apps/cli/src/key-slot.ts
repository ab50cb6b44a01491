import { chmod, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPrivateKey } from '@servent/servent'
import { CommandError, sentenceOf, systemCode } from './errors.ts'

/** A key that is ours alone while we run. */
export interface KeySlot {
  /** Ed25519, protobuf-encoded. */
  readonly privateKey: Uint8Array
  /** Lets the next process have it. */
  release(): Promise<void>
}

/** Ours: more commands than this at once on one account are a mistake in a script. */
const SLOTS_MAX = 64

/**
 * Takes the first free slot of a data folder, and makes its key when it has none. Two processes with one key would be one
 * peer in two places, so each running command holds a slot of its own: the first is the same peer each time.
 *
 * A slot is held by a file that names the holder's process; that of a process which has gone is free.
 *
 * @throws CommandError with a sentence for a person
 */
export async function takeKeySlot(folder: string): Promise<KeySlot> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (let slot = 0; slot < SLOTS_MAX; slot++) {
      const lock = join(folder, `key-${slot}.lock`)
      if (!(await takeLock(lock))) continue
      return { privateKey: await loadKey(join(folder, `key-${slot}`)), release: () => rm(lock, { force: true }) }
    }
  } catch (error) {
    throw new CommandError(`Cannot keep a key in ${folder}: ${sentenceOf(error)}. Name another folder with --data.`, {
      cause: error,
    })
  }
  throw new CommandError(`${SLOTS_MAX} commands run already with the keys in ${folder}.`)
}

async function takeLock(path: string): Promise<boolean> {
  const own = `${path}.${process.pid}`
  await writeFile(own, String(process.pid), { mode: 0o600 })
  try {
    // A link appears with its content, so nobody ever reads a lock that does not name its holder yet.
    if (await tryLink(own, path)) return true
    if (await isHeld(path)) return false
    await rm(path, { force: true })
    return await tryLink(own, path)
  } finally {
    await rm(own, { force: true })
  }
}

async function tryLink(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
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
    const code = systemCode(error)
    if (code === 'EPERM') return true
    if (code === 'ESRCH' || code === 'ENOENT') return false
    throw error
  }
}

async function loadKey(path: string): Promise<Uint8Array> {
  try {
    const key = await readFile(path)
    await chmod(path, 0o600)
    return key
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  const key = await createPrivateKey()
  // Written beside and renamed: a crash in between leaves no half key.
  await writeFile(`${path}.new`, key, { mode: 0o600 })
  await rename(`${path}.new`, path)
  return key
}
