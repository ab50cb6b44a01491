import { safeName } from '@servent/library'
import { parseCid } from '../link.ts'

/** A file that is kept for others, or is to be. */
export interface KeptFile {
  /** CID as text. */
  readonly cid: string
  /** What it is offered as. */
  readonly name: string
  /** Bytes, which count against the budget from the moment it is begun. */
  readonly size: number
  /** When it was last served or asked to be kept: milliseconds since 1970. */
  readonly usedAtMs: number
  /** Whether all of it is here. */
  readonly isWhole: boolean
}

/** Ours: bounds memory; a terabyte of files of ten megabytes. */
export const KEPT_MAX = 100_000

const VERSION = 1

/** What is kept, as JSON. Which of it is whole shows on the disk. */
export function encodeIndex(files: Iterable<KeptFile>): string {
  const entries = Array.from(files, ({ cid, name, size, usedAtMs }) => ({ cid, name, size, usedAtMs }))
  return JSON.stringify({ version: VERSION, files: entries })
}

/** What `encodeIndex` wrote; undefined when it is damaged. Nothing is whole yet. */
export function decodeIndex(text: string): KeptFile[] | undefined {
  let index: unknown
  try {
    index = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(index) || index.version !== VERSION || !Array.isArray(index.files)) return undefined
  const files = index.files.slice(0, KEPT_MAX).map(fileOf)
  return files.every((file) => file !== undefined) ? files : undefined
}

function fileOf(entry: unknown): KeptFile | undefined {
  if (!isRecord(entry)) return undefined
  const { cid, name, size, usedAtMs } = entry
  if (typeof cid !== 'string' || typeof name !== 'string') return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  if (typeof usedAtMs !== 'number' || parseCid(cid) !== cid) return undefined
  return { cid, name: safeName(name), size, usedAtMs, isWhole: false }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
