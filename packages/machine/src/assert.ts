/** Thrown when our own code broke a promise it made: a bug, to be mended, not caught. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/**
 * States what must hold here. Kept in production: a broken promise that goes on does more harm than one that stops.
 * Never put on what a remote sent.
 */
export function assert(condition: boolean, whatMustHold: string): asserts condition {
  if (!condition) throw new AssertionError(whatMustHold)
}
