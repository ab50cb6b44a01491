import { relative } from 'node:path'
import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node'
import { type Failure, lastWords } from '../scripts/last-words.mjs'

/** Says once more, at the very end, why each test failed, and names those that passed only when run again. */
export class LastWords implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const failures = [
      ...modules.filter((module) => module.errors().length > 0).map(failureOfModule),
      ...tests.filter((test) => test.result().state === 'failed').map(failureOf),
      ...unhandled.map(({ message }) => ({ test: 'outside of every test', why: [message] })),
    ]
    const flaky = tests.filter((test) => test.diagnostic()?.flaky === true).map(placeOf)
    // When the process ends: the other reporters have had their say by then.
    process.once('exit', () => process.stdout.write(lastWords(failures, flaky)))
  }
}

function failureOf(test: TestCase): Failure {
  return { test: placeOf(test), why: (test.result().errors ?? []).map(({ message }) => message) }
}

function failureOfModule(module: TestModule): Failure {
  return { test: pathOf(module), why: module.errors().map(({ message }) => message) }
}

function placeOf(test: TestCase): string {
  return `${pathOf(test.module)}: ${test.fullName}`
}

function pathOf({ moduleId }: TestModule): string {
  return relative(process.cwd(), moduleId)
}
