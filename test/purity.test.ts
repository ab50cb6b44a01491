// Ground and protocol packages are handed their time, randomness and network. Shown here: who takes them is stopped.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from './source-tree.ts'

/** Programs that a pure package may not have, by what they take. */
const FORBIDDEN_TO_COMPILE: Readonly<Record<string, string>> = {
  setTimeout: 'setTimeout(() => 1, 10)',
  setInterval: 'setInterval(() => 1, 10)',
  queueMicrotask: 'queueMicrotask(() => 1)',
  performance: 'export const now = performance.now()',
  fetch: 'export const page = fetch("http://localhost")',
  crypto: 'crypto.getRandomValues(new Uint8Array(4))',
  TextEncoder: 'export const bytes = new TextEncoder().encode("a")',
  WebSocket: 'export const socket = new WebSocket("ws://localhost")',
  process: 'export const pid = process.pid',
  Buffer: 'export const buffer = Buffer.alloc(1)',
  document: 'export const body = document.body',
  console: 'console.log(1)',
  'node:fs': 'export { readFileSync } from "node:fs"',
}

/** What the language itself has, so that the compiler allows it and only the linter can refuse. */
const FORBIDDEN_TO_LINT: Readonly<Record<string, string>> = {
  Date: 'export const now = Date.now()',
  'Math.random': 'export const random = Math.random()',
  Promise: 'export const later = Promise.resolve(1)',
  'an async function': 'export async function later() {\n  return 1\n}',
  'an async method': 'export const later = {\n  async get() {\n    return 1\n  },\n}',
  await: 'export const now = await 1',
  'import()': 'export const later = import("./later.ts")',
  globalThis: 'export const world = globalThis',
  WeakRef: 'export const weak = new WeakRef({})',
}

const CLEAN = '/** One more. */\nexport function next(count: number): number {\n  return Math.max(0, count) + 1\n}\n'

// A tree of its own with our rules: files that break them may not appear in this one, where other tests look at every file.
let tree: string
let folder: string

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'servent-purity-'))
  folder = join(tree, 'packages/keyspace/src')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(tree, 'package.json'), JSON.stringify({ type: 'module' }))
  cpSync(join(root, 'biome.json'), join(tree, 'biome.json'))
  cpSync(join(root, 'lint'), join(tree, 'lint'), { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.ts`), text)
  for (const [name, text] of Object.entries(FORBIDDEN_TO_COMPILE))
    write(fileName('compile', name), `${text}\nexport {}\n`)
  for (const [name, text] of Object.entries(FORBIDDEN_TO_LINT)) write(fileName('lint', name), `${text}\n`)
  write('clean', CLEAN)
  const compilerOptions = { noEmit: true, composite: false }
  const config = { extends: join(root, 'tsconfig.pure.json'), compilerOptions, include: ['*.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
})

afterAll(() => rmSync(tree, { recursive: true, force: true }))

describe('the compiler, in a pure package', () => {
  it.each(Object.keys(FORBIDDEN_TO_COMPILE))('refuses %s', (name) => {
    expect(compilerOutput()).toMatch(new RegExp(`/${fileName('compile', name)}\\.ts\\(.* Cannot find name '${name}'`))
  })

  it('accepts what is clean', () => {
    expect(compilerOutput()).not.toContain('clean.ts(')
  })
})

describe('the linter, in a pure package', () => {
  it.each(Object.keys(FORBIDDEN_TO_LINT))('refuses %s', (name) => {
    expect(lintedFiles()).toContain(`${fileName('lint', name)}.ts`)
  })

  it('accepts what is clean', () => {
    expect(lintedFiles()).not.toContain('clean.ts')
  })
})

function fileName(prefix: string, name: string): string {
  return `${prefix}-${name.toLowerCase().replace(/[^a-z]+/g, '-')}`
}

let compiled: string | undefined
function compilerOutput(): string {
  compiled ??= output('typescript/bin/tsc', ['--project', folder, '--pretty', 'false'])
  return compiled
}

let linted: string | undefined
/** What the linter said, as text: it names each file that has an error. */
function lintedFiles(): string {
  linted ??= output('@biomejs/biome/bin/biome', [
    'lint',
    '--vcs-enabled=false',
    '--max-diagnostics=100',
    '--colors=off',
    folder,
  ])
  return linted
}

/** Runs a command of our dependencies, which is expected to fail, and gives what it printed. */
function output(command: string, args: readonly string[]): string {
  try {
    execFileSync(process.execPath, [join(root, 'node_modules', command), ...args], { cwd: tree, encoding: 'utf8' })
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string }
    return stdout + stderr
  }
  throw new Error(`${command} accepted everything`)
}
