import { stripVTControlCharacters } from 'node:util'
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter'

/** Lines of an error that say what was expected and what came instead. */
const LINES_MAX = 14

/**
 * Says once more, at the very end, why each test failed: where a log is cut to its last lines, the reason is among them.
 * Tells what tests measured as well, which none of them asserts.
 */
export default class LastWords implements Reporter {
  readonly #failures: string[] = []
  #root = ''

  onBegin(config: FullConfig, _suite: Suite): void {
    this.#root = config.rootDir
  }

  onTestEnd(test: TestCase, { status, errors, annotations }: TestResult): void {
    for (const { type, description = '' } of annotations) process.stdout.write(`       ${type} ${description}\n`)
    if (status === test.expectedStatus || status === 'skipped') return
    const why = errors.map(({ message = status, location }) => {
      const at = location === undefined ? '' : ` (${location.file.replace(`${this.#root}/`, '')}:${location.line})`
      const lines = stripVTControlCharacters(message)
        .split('\n')
        .filter((line) => line.trim() !== '')
      return `${at} ${lines.slice(0, LINES_MAX).join('\n    ')}`
    })
    this.#failures.push(`  ${test.title}: ${status}\n   ${why.join('\n   ')}`)
  }

  onExit(): Promise<void> {
    if (this.#failures.length > 0) process.stdout.write(`\nWhat failed, in short:\n${this.#failures.join('\n')}\n`)
    return Promise.resolve()
  }
}
