import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { IdentityCache, replaceFile, takeProcessLock } from '@servent/transfer/node'
import { parseCid } from '../link.ts'
import { KeeperError } from './keeper-error.ts'
import { decodeIndex, encodeIndex, KEPT_MAX, type KeptFile } from './kept-index.ts'

/** Ours: when files were last used is written this often, in milliseconds: what a crash forgets is no more than that. */
const SAVE_MS = 30_000

export interface KeptStoreOptions {
  /** Bytes of all files together, those that are still being fetched counted whole. */
  readonly budgetBytes: number
  /** A file is about to be deleted to make room. */
  onEvict(file: KeptFile): void
  /** Told in a sentence of what went wrong and was put right. */
  onProblem(sentence: string): void
}

/** What is to be kept. */
export type KeptTarget = Pick<KeptFile, 'cid' | 'name' | 'size'>

/**
 * The files that a keeper has on disk: `files/<cid>`, `<cid>.part` while it is fetched, an index beside them, and what they are
 * named, so that they are not hashed again.
 *
 * 1. The sizes of all files, begun or whole, never add up to more than the budget: room is made before a file is begun.
 * 2. What was used the longest ago goes first; what is being fetched does not go.
 * 3. The index says what is to be kept; whether it is whole, the disk says. So there is no moment at which a crash hurts.
 */
export class KeptStore {
  readonly identities: IdentityCache
  readonly #folder: string
  readonly #options: KeptStoreOptions
  readonly #unlock: () => Promise<void>
  /** First what was used the longest ago. */
  readonly #files = new Map<string, KeptFile>()
  /** Those that are being fetched. */
  readonly #held = new Set<string>()
  #done: Promise<unknown> = Promise.resolve()
  #saveTimer: NodeJS.Timeout | undefined

  private constructor(
    folder: string,
    options: KeptStoreOptions,
    unlock: () => Promise<void>,
    identities: IdentityCache
  ) {
    this.#folder = folder
    this.#options = options
    this.#unlock = unlock
    this.identities = identities
  }

  /** @throws KeeperError `in-use`, `unusable` */
  static async open(folder: string, options: KeptStoreOptions): Promise<KeptStore> {
    try {
      await mkdir(join(folder, 'files'), { recursive: true, mode: 0o700 })
      const unlock = await takeProcessLock(join(folder, 'lock'))
      if (unlock === undefined) {
        const sentence = `Another program keeps files in ${folder}. Stop it first, or name another folder.`
        throw new KeeperError(sentence, { reason: 'in-use' })
      }
      const identities = await IdentityCache.open(join(folder, 'identities'), options)
      const store = new KeptStore(folder, options, unlock, identities)
      await store.#load().catch(async (error: unknown) => {
        await unlock()
        throw error
      })
      return store
    } catch (cause) {
      throw cause instanceof KeeperError ? cause : unusable(folder, cause)
    }
  }

  /**
   * What is kept in a folder, last used first, whether or not a keeper runs there. Nothing where there is no such folder.
   *
   * @throws KeeperError `unusable`
   */
  static async list(folder: string): Promise<KeptFile[]> {
    const files: KeptFile[] = []
    try {
      for (const file of (await readIndex(folder)) ?? []) {
        const size = await stat(join(folder, 'files', file.cid)).then(
          (found) => found.size,
          () => undefined
        )
        files.push({ ...file, isWhole: size === file.size })
      }
    } catch (cause) {
      throw unusable(folder, cause)
    }
    return files.reverse()
  }

  /** What is kept, last used first. */
  get files(): KeptFile[] {
    return [...this.#files.values()].reverse()
  }

  /** Bytes that count against the budget. */
  get usedBytes(): number {
    return [...this.#files.values()].reduce((total, { size }) => total + size, 0)
  }

  get(cid: string): KeptFile | undefined {
    return this.#files.get(cid)
  }

  /** Where the file of a CID is, once it is whole. */
  pathOf(cid: string): string {
    return join(this.#folder, 'files', cid)
  }

  /**
   * Makes room for a file and holds it until `release`, so that it is not given up meanwhile.
   *
   * @param mayEvict - whether others may be given up for it
   * @throws KeeperError `too-large`, `no-room`: nothing has been given up then
   */
  reserve(target: KeptTarget, mayEvict: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const { cid, name, size } = target
      const known = this.#files.get(cid)
      if (known?.size !== size) {
        const without = this.usedBytes - (known?.size ?? 0)
        await this.#evict(this.#victims(target, without, mayEvict))
        // A part of another size is of no use.
        if (known !== undefined) await this.#delete(cid)
      }
      this.#setNewest({ cid, name, size, usedAtMs: Date.now(), isWhole: known?.size === size && known.isWhole })
      this.#held.add(cid)
      await this.#save()
    })
  }

  /** The file may be given up from now on. */
  release(cid: string): void {
    this.#held.delete(cid)
  }

  /** Whether all of a file is on the disk. */
  async setWhole(cid: string, isWhole: boolean): Promise<void> {
    const file = this.#files.get(cid)
    if (file !== undefined) this.#files.set(cid, { ...file, isWhole })
    if (!isWhole) await this.#delete(cid)
  }

  /** It was served, or asked to be kept, just now. */
  use(cid: string): void {
    const file = this.#files.get(cid)
    if (file === undefined) return
    this.#setNewest({ ...file, usedAtMs: Date.now() })
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined
      void this.#inTurn(() => this.#save()).catch((error: unknown) => {
        this.#options.onProblem(`What is kept could not be noted: ${error instanceof Error ? error.message : error}`)
      })
    }, SAVE_MS).unref()
  }

  /** Gives a file up. False when it was not kept. */
  remove(cid: string): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#files.delete(cid)) return false
      await this.#save()
      await this.#delete(cid)
      return true
    })
  }

  async close(): Promise<void> {
    clearTimeout(this.#saveTimer)
    try {
      await this.#inTurn(() => this.#save())
    } finally {
      await this.#unlock()
    }
  }

  #setNewest(file: KeptFile): void {
    this.#files.delete(file.cid)
    this.#files.set(file.cid, file)
  }

  /** What has to be given up for a file, when all others take `usedBytes`. */
  #victims({ name, size }: KeptTarget, usedBytes: number, mayEvict: boolean): KeptFile[] {
    const { budgetBytes } = this.#options
    if (size > budgetBytes) {
      throw new KeeperError(`${name} is larger than all that may be kept here.`, { reason: 'too-large' })
    }
    if (this.#files.size >= KEPT_MAX) {
      throw new KeeperError(`No more than ${KEPT_MAX} files are kept.`, { reason: 'no-room' })
    }
    let missing = usedBytes + size - budgetBytes
    if (missing <= 0) return []
    if (!mayEvict) {
      const sentence = `There is no room for ${name}, and its link does not say how big it is: nothing is given up for it.`
      throw new KeeperError(sentence, { reason: 'no-room' })
    }
    const victims: KeptFile[] = []
    for (const file of this.#files.values()) {
      if (this.#held.has(file.cid)) continue
      victims.push(file)
      missing -= file.size
      if (missing <= 0) return victims
    }
    throw new KeeperError(`There is no room for ${name}: what is kept is still being fetched.`, { reason: 'no-room' })
  }

  /** Noted before it is done: what is left by a crash in between belongs to nobody, and is deleted at the next start. */
  async #evict(victims: readonly KeptFile[]): Promise<void> {
    for (const file of victims) {
      this.#options.onEvict(file)
      this.#files.delete(file.cid)
    }
    await this.#save()
    for (const { cid } of victims) await this.#delete(cid)
  }

  async #load(): Promise<void> {
    const index = await readIndex(this.#folder, this.#options.onProblem)
    for (const file of index ?? []) this.#files.set(file.cid, file)
    for (const name of await readdir(join(this.#folder, 'files'))) {
      const [cid = '', ...rest] = name.split('.')
      // Nothing but what a keeper puts there is touched.
      if (parseCid(cid) !== cid) continue
      const { size, mtimeMs } = await stat(join(this.#folder, 'files', name))
      const file = this.#files.get(cid)
      const isPart = rest.length > 0
      if (file !== undefined && (isPart || file.size === size)) {
        if (!isPart) this.#files.set(cid, { ...file, isWhole: true })
      } else if (index === undefined && !isPart) {
        this.#files.set(cid, { cid, name: cid, size, usedAtMs: mtimeMs, isWhole: true })
      } else {
        await rm(join(this.#folder, 'files', name), { force: true })
      }
    }
    await this.#shrink()
    await this.#save()
  }

  /** The budget may be less than it was: first what it has no room for at all goes. */
  async #shrink(): Promise<void> {
    const { budgetBytes } = this.#options
    await this.#evict([...this.#files.values()].filter(({ size }) => size > budgetBytes))
    for (const file of [...this.#files.values()]) {
      if (this.usedBytes <= budgetBytes) return
      await this.#evict([file])
    }
  }

  #save(): Promise<void> {
    return replaceFile(join(this.#folder, 'kept.json'), encodeIndex(this.#files.values()))
  }

  async #delete(cid: string): Promise<void> {
    const path = this.pathOf(cid)
    await Promise.all([path, `${path}.part`, `${path}.part.chunks`].map((each) => rm(each, { force: true })))
  }

  /** One change after the other, so that two never count on the same room. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#done.then(work, work)
    this.#done = result.catch(() => undefined)
    return result
  }
}

/** Undefined when there is none, or it is damaged, which is told. */
async function readIndex(
  folder: string,
  tell: (sentence: string) => void = () => undefined
): Promise<KeptFile[] | undefined> {
  let text: string
  try {
    text = await readFile(join(folder, 'kept.json'), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const files = decodeIndex(text)
  if (files === undefined) tell(`The list of what is kept in ${folder} is damaged: files stay, but lose their names.`)
  return files
}

function unusable(folder: string, cause: unknown): KeeperError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new KeeperError(`Files cannot be kept in ${folder}: ${why}`, { reason: 'unusable', cause })
}
