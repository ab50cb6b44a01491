/*
 * A token bucket as one number: when it will be full again (the generic cell rate algorithm of ITU-T I.371).
 */

/**
 * Takes `count` tokens out of a bucket that holds `burst` and gains one every `intervalMs`.
 *
 * @param fullAt - when it will be full; 0 for a new one
 * @returns that moment after taking, or undefined if there are not so many in it
 */
export function take(fullAt: number, now: number, intervalMs: number, burst: number, count = 1): number | undefined {
  const after = Math.max(fullAt, now) + count * intervalMs
  return after - now <= burst * intervalMs ? after : undefined
}
