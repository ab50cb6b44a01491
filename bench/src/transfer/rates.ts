import { median, round2 } from '../numbers.ts'

export const MIB = 1_048_576

const UNITS: Readonly<Record<string, number>> = { '': 1, kib: 1_024, mib: MIB, gib: 1_024 * MIB }

/** Speeds of one way to send, in MiB/s. */
export interface Rates {
  readonly median: number
  readonly rounds: readonly number[]
}

/** @param times - milliseconds of each round */
export function ratesOf(size: number, times: readonly number[]): Rates {
  const rounds = times.map((ms) => rateOf(size, ms))
  return { median: median(rounds), rounds }
}

/** MiB/s. */
export function rateOf(size: number, ms: number): number {
  return round2((size / MIB / ms) * 1_000)
}

/** How many times as fast, by the medians. */
export function times(one: Rates, other: Rates): number {
  return round2(one.median / other.median)
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

/**
 * Measures a round of each contestant in turn, so that a slow minute slows them all.
 *
 * @param options.warmUp - a round before the first that is not counted
 * @returns milliseconds of each round
 */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: boolean }
): Promise<Record<Name, number[]>> {
  const names = Object.keys(contestants) as Name[]
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const name of names) {
      const ms = await contestants[name]()
      process.stderr.write(`${round === 0 ? 'warm-up' : `round ${round}`}, ${name}: ${Math.round(ms)} ms\n`)
      if (round > 0) found[name].push(ms)
    }
  }
  return found
}
