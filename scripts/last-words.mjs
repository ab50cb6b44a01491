// What failed, in short, as the last thing that a test runner prints: a log that is cut to its last lines has the reason.
import { stripVTControlCharacters } from 'node:util'

/** Lines of an error that say what was expected and what came instead. */
const LINES_MAX = 14

/**
 * @typedef {object} Failure
 * @property {string} test - its name, and where it stands
 * @property {readonly string[]} why - messages
 */

/**
 * @param {readonly Failure[]} failures - may be empty: then nothing is printed
 * @param {readonly string[]} flaky - names of tests that passed only when they were run again
 * @returns {string} lines, or nothing
 */
export function lastWords(failures, flaky) {
  let text = ''
  if (flaky.length > 0) text += `\nFlaky, passed when run again:\n${flaky.map((test) => `  ${test}\n`).join('')}`
  if (failures.length === 0) return text
  return `${text}\nWhat failed, in short:\n${failures.map(inShort).join('')}`
}

/** @param {Failure} failure */
function inShort({ test, why }) {
  return `  ${test}\n${why.map((message) => `    ${shortened(message)}\n`).join('')}`
}

/** @param {string} message */
function shortened(message) {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '')
  return lines.slice(0, LINES_MAX).join('\n    ')
}
