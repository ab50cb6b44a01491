/** A source of numbers in [0, 1): `host.random`, or a seeded stream. */
export type Random = () => number

/** A whole number in [0, below). */
export function randomInt(random: Random, below: number): number {
  return Math.floor(random() * below)
}

/** One item, each as likely as any other; undefined if there is none. */
export function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[randomInt(random, items.length)]
}

/** Shuffles in place (Fisher–Yates): every order equally likely. Returns the same array. */
export function shuffle<T>(random: Random, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = randomInt(random, i + 1)
    const held = items[i] as T
    items[i] = items[j] as T
    items[j] = held
  }
  return items
}

/** Up to `count` different items in random order, the given array left as it was. */
export function sample<T>(random: Random, items: readonly T[], count: number): T[] {
  return shuffle(random, items.slice()).slice(0, count)
}
