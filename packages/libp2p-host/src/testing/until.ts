/** In milliseconds: less than a test may take, and more than a busy machine's timers are late. */
const PATIENCE_MS = 45_000

/** Resolves when `condition` holds; rejects, with `what` by name, when it does not in 45 seconds. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come to hold`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
