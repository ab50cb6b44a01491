/** Thrown for a command line that makes no sense. `message` is a sentence for a person. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Thrown when a command could not do what it was asked. `message` is a sentence for a person. Exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

/** The `code` that Node gives an error of the operating system: `ENOENT`, `EACCES`. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** An error in the words it brings. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
