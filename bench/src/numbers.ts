/** The middle one, or the upper of the two in the middle; 0 of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}

export function round2(value: number): number {
  return Math.round(value * 100) / 100
}

/**
 * Reads an option of the command line.
 *
 * @throws Error with a sentence for a person
 */
export function positive(name: string, text: string): number {
  const number = Number(text)
  if (!(Number.isInteger(number) && number > 0)) throw new Error(`--${name} takes a whole number above 0, not ${text}.`)
  return number
}
