import { safeName } from '@servent/library'
import { parseCid } from '../link.ts'
import type { OverlayName, ProbeFinding } from '../types.ts'

/** What the asked peer is to look for. */
export interface ProbeRequest {
  /** CID as text. */
  readonly cid: string
  /** File name: searches by words ask for the words in it. */
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** What it found of us; or that it did not look, because it was asked too often or by too many. */
export type ProbeAnswer = { readonly findings: readonly ProbeFinding[] } | { readonly isBusy: true }

/** Bytes of either message at most: a long name is 1 KiB, and an answer has a hundred bytes an overlay. */
export const PROBE_BYTES_MAX = 4_096

/** Thrown for a message that is none. */
export class ProbeMessageError extends Error {
  override readonly name = 'ProbeMessageError'
}

const OVERLAYS: ReadonlySet<string> = new Set<OverlayName>([
  'gnutella',
  'napster',
  'pastry',
  'chord',
  'can',
  'kademlia',
])
const STATES: ReadonlySet<string> = new Set<ProbeFinding['state']>(['found', 'not-found', 'failed'])

/** Milliseconds and links that make sense. */
const AFTER_MS_MAX = 120_000
const HOPS_MAX = 255

/** Both messages are JSON, of which each is one length-prefixed frame. */
export function encodeProbe(message: ProbeRequest | ProbeAnswer): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message))
}

/** @throws ProbeMessageError */
export function decodeProbeRequest(bytes: Uint8Array): ProbeRequest {
  const { cid, name, size } = fieldsOf(bytes)
  const parsed = typeof cid === 'string' ? parseCid(cid) : undefined
  if (parsed === undefined || typeof name !== 'string' || !isWhole(size, Number.MAX_SAFE_INTEGER)) {
    throw new ProbeMessageError('The request names no file')
  }
  return { cid: parsed, name: safeName(name), size }
}

/** @throws ProbeMessageError */
export function decodeProbeAnswer(bytes: Uint8Array): ProbeAnswer {
  const { findings, isBusy } = fieldsOf(bytes)
  if (isBusy === true) return { isBusy }
  if (!Array.isArray(findings) || findings.length > OVERLAYS.size)
    throw new ProbeMessageError('The answer says nothing')
  return { findings: findings.map(decodeFinding) }
}

function decodeFinding(value: unknown): ProbeFinding {
  const { overlay, state, hops, afterMs } = (value ?? {}) as Partial<Record<keyof ProbeFinding, unknown>>
  if (!isOneOf<OverlayName>(overlay, OVERLAYS) || !isOneOf<ProbeFinding['state']>(state, STATES)) {
    throw new ProbeMessageError('The answer names no overlay')
  }
  const isFound = state === 'found'
  return {
    overlay,
    state,
    hops: isFound && isWhole(hops, HOPS_MAX) ? hops : undefined,
    afterMs: isFound && isWhole(afterMs, AFTER_MS_MAX) ? afterMs : undefined,
  }
}

function fieldsOf(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new ProbeMessageError('The message is no JSON', { cause: error })
  }
  if (typeof value !== 'object' || value === null) throw new ProbeMessageError('The message is no object')
  return value as Readonly<Record<string, unknown>>
}

function isOneOf<T extends string>(value: unknown, all: ReadonlySet<string>): value is T {
  return typeof value === 'string' && all.has(value)
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}
