import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createPrivateKey } from '@servent/servent'
import { replaceFile, takeProcessLock } from '@servent/transfer/node'
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
 * @throws CommandError with a sentence for a person
 */
export async function takeKeySlot(folder: string): Promise<KeySlot> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (let slot = 0; slot < SLOTS_MAX; slot++) {
      const release = await takeProcessLock(join(folder, `key-${slot}.lock`))
      if (release === undefined) continue
      return { privateKey: await loadKey(join(folder, `key-${slot}`)), release }
    }
  } catch (error) {
    throw new CommandError(`Cannot keep a key in ${folder}: ${sentenceOf(error)}. Name another folder with --data.`, {
      cause: error,
    })
  }
  throw new CommandError(`${SLOTS_MAX} commands run already with the keys in ${folder}.`)
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
  await replaceFile(path, key)
  return key
}
