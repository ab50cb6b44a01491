const WORDS = 256

/**
 * Numbers in [0, 1) from the platform's cryptographic source, 32 bits each: descriptor ids are drawn from it, and whoever
 * can guess those can answer queries it has never seen. Drawn a kilobyte at a time, for each call costs a microsecond.
 */
export function randomStream(): () => number {
  const words = new Uint32Array(WORDS)
  let at = WORDS
  return () => {
    if (at === WORDS) {
      crypto.getRandomValues(words)
      at = 0
    }
    return (words[at++] as number) / 2 ** 32
  }
}
