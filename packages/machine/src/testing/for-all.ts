import * as fc from 'fast-check'

/** How often a property is tried, and from which seed: always the same in CI. */
export interface Trials {
  /** Default 300. */
  readonly runs?: number
  /** Default 1. */
  readonly seed?: number
}

/** Asserts that a test passes for whatever is drawn. The error names the smallest value that fails, and its seed. */
export function forAll<T>(arbitrary: fc.Arbitrary<T>, test: (value: T) => void, trials: Trials = {}): void {
  const property = fc.property(arbitrary, (value) => {
    // What an assertion returns is no verdict.
    test(value)
  })
  const { runs = 300, seed = 1 } = trials
  const details = fc.check(property, { numRuns: runs, seed })
  if (details.failed) throw new Error(fc.defaultReportMessage(details), { cause: details.errorInstance })
}
