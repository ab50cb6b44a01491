import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter'
import { type Failure, lastWords } from '../scripts/last-words.mjs'

/** Says once more, at the very end, why each test failed. Tells what tests measured as well, which none of them asserts. */
export default class LastWords implements Reporter {
  #root = ''
  #suite: Suite | undefined

  onBegin(config: FullConfig, suite: Suite): void {
    this.#root = config.rootDir
    this.#suite = suite
  }

  onTestEnd(_test: TestCase, { annotations }: TestResult): void {
    for (const { type, description = '' } of annotations) process.stdout.write(`       ${type} ${description}\n`)
  }

  onExit(): Promise<void> {
    const tests = this.#suite?.allTests() ?? []
    const failed = tests.filter((test) => test.outcome() === 'unexpected')
    const flaky = tests.filter((test) => test.outcome() === 'flaky')
    process.stdout.write(
      lastWords(
        failed.map((test) => this.#failure(test)),
        flaky.map(({ title }) => title)
      )
    )
    return Promise.resolve()
  }

  #failure({ title, results }: TestCase): Failure {
    const { status = 'not run', errors = [] } = results.at(-1) ?? {}
    const why = errors.map(({ message = status, location }) =>
      location === undefined ? message : `${location.file.replace(`${this.#root}/`, '')}:${location.line} ${message}`
    )
    return { test: `${title}: ${status}`, why }
  }
}
