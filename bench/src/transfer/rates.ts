import { median, round2 } from '../numbers.ts'

export const MIB = 1_048_576

const UNITS: Readonly<Record<string, number>> = { '': 1, kib: 1_024, mib: MIB, gib: 1_024 * MIB }

/** Speeds of one way to send, in MiB/s. */
export interface Rates {
  readonly median: number
  readonly rounds: readonly number[]
  /** MiB for each second of the processors' time, the median: what to compare by while others use the machine. */
  readonly perCpuSecond?: number
}

/** One round of a contestant, in milliseconds. */
export interface Round {
  readonly ms: number
  /** Of the processors' time, where it is known. */
  readonly cpuMs: number | undefined
}

export function ratesOf(size: number, rounds: readonly Round[]): Rates {
  const speeds = rounds.map(({ ms }) => rateOf(size, ms))
  const perCpuSecond = rounds.flatMap(({ cpuMs }) => (cpuMs === undefined ? [] : [rateOf(size, cpuMs)]))
  const rates = { median: median(speeds), rounds: speeds }
  return perCpuSecond.length === 0 ? rates : { ...rates, perCpuSecond: median(perCpuSecond) }
}

/** MiB/s. */
export function rateOf(size: number, ms: number): number {
  return round2((size / MIB / ms) * 1_000)
}

/** How many times as fast, by the medians. */
export function times(one: Rates, other: Rates): number {
  return round2(one.median / other.median)
}

/** The same by the processors' time. */
export function timesByCpu({ perCpuSecond: one }: Rates, { perCpuSecond: other }: Rates): number | undefined {
  return one === undefined || other === undefined ? undefined : round2(one / other)
}

/**
 * Reads `64MiB`, `1GiB` or a number of bytes.
 *
 * @throws Error with a sentence for a person
 */
export function parseSize(name: string, text: string): number {
  const [, digits = '', unit = ''] = /^(\d+)\s*(|kib|mib|gib)$/i.exec(text) ?? []
  const size = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  if (digits === '' || size === 0) throw new Error(`--${name} is like 64MiB or 1GiB, not ${text}.`)
  return size
}

interface InterleaveOptions {
  readonly rounds: number
  /** Whether there is a round before the first that is not counted. */
  readonly warmUp: boolean
  /** The processors' time that the contestants have taken so far. */
  readonly cpuMs?: () => number | undefined
}

/** Measures a round of each contestant, whose functions give milliseconds, in turn: so that a slow minute slows them all. */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  { rounds, warmUp, cpuMs = () => undefined }: InterleaveOptions
): Promise<Record<Name, Round[]>> {
  const names = Object.keys(contestants) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as Round[]])) as Record<Name, Round[]>
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const name of names) {
      const cpuBefore = cpuMs()
      const ms = await contestants[name]()
      const cpuAfter = cpuMs()
      process.stderr.write(`${round === 0 ? 'warm-up' : `round ${round}`}, ${name}: ${Math.round(ms)} ms\n`)
      if (round === 0) continue
      const taken = cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore
      found[name].push({ ms, cpuMs: taken })
    }
  }
  return found
}
