// The rules of the house that neither the compiler nor the linter knows.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  isCode,
  isNode,
  isTest,
  lineOf,
  root,
  type SourceFile,
  type SyntaxNode,
  sourceFiles,
  syntaxNodes,
  workspacePackages,
} from './source-tree.ts'

const FILE_LINES_MAX = 500
const FUNCTION_LINES_MAX = 70

const files = sourceFiles()
const code = files.filter(isCode)
const packages = workspacePackages().filter(({ folder }) => folder.startsWith('packages/'))
const protocols = packages.filter(
  ({ folder }) => existsSync(join(root, folder, 'src/codec')) || existsSync(join(root, folder, 'src/codec.ts'))
)

describe('files', () => {
  it(`have at most ${FILE_LINES_MAX} lines`, () => {
    const long = files.filter(
      ({ path, text }) => !path.endsWith('.json') && text.split('\n').length > FILE_LINES_MAX + 1
    )
    expect(long.map(({ path }) => path)).toEqual([])
  })

  it(`have functions of at most ${FUNCTION_LINES_MAX} lines`, () => {
    expect(code.filter((file) => !isTest(file)).flatMap(longFunctions)).toEqual([])
  })

  it('say nothing that is to be done later', () => {
    expect(linesWith(/\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([])
  })

  it('silence no tool', () => {
    expect(linesWith(/@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/)).toEqual([])
  })

  it('name no folder of one machine', () => {
    expect(linesWith(/(^|[\s'"`(])\/(home|Users|work|root)\//)).toEqual([])
  })

  it('are named by what is in them', () => {
    expect(files.filter(({ path }) => /(^|[/-])(utils?|helpers?|managers?|misc|common)\b/.test(path))).toEqual([])
  })

  it('spell as the papers do', () => {
    expect(linesWith(/\b\w*(neighbour|behaviour|serialis|initialis|normalis|optimis(e|ation)|synchronis)\w*/i)).toEqual(
      []
    )
  })
})

describe('packages', () => {
  it.each(packages)('$name has a README with its name, an example and a table', ({ folder, name }) => {
    const readme = readFileSync(join(root, folder, 'README.md'), 'utf8')
    expect(readme.split('\n')[0]).toBe(`# ${name}`)
    expect(readme).toMatch(/^```(ts|sh)$/m)
    expect(readme).toMatch(/^\| ?-{3}/m)
  })

  it.each(packages)('$name tells in its index what it is, and has no logic there', ({ folder }) => {
    const index = code.find(({ path }) => path === `${folder}/src/index.ts`)
    expect(index?.text).toContain('@packageDocumentation')
    const kinds = index === undefined ? [] : syntaxNodes(index).map(({ type }) => type)
    expect(kinds.filter((kind) => /^(Function|Class|If|For|While)/.test(kind))).toEqual([])
  })

  it.each(protocols)('$name says in its README where it departs from its source', ({ folder }) => {
    expect(readFileSync(join(root, folder, 'README.md'), 'utf8')).toMatch(/^## Departures/m)
  })

  it.each(protocols)('$name has a fuzz test of its codec', ({ folder }) => {
    expect(existsSync(join(root, folder, 'test/codec.fuzz.test.ts'))).toBe(true)
  })

  it('give the source of every default', () => {
    const configs = code.filter(({ path }) => /^packages\/[^/]+\/src\/config\.ts$/.test(path))
    expect(configs.flatMap(valuesWithoutSource)).toEqual([])
  })
})

describe('documents', () => {
  it('link to files that are there', () => {
    const documents = files.filter(({ path }) => path.endsWith('.md'))
    expect(documents.flatMap(brokenLinks)).toEqual([])
  })
})

function linesWith(pattern: RegExp): string[] {
  const found: string[] = []
  for (const { path, text } of files) {
    // This file has to name what it forbids.
    if (path === 'test/tidy.test.ts') continue
    for (const [index, line] of text.split('\n').entries()) {
      if (pattern.test(line)) found.push(`${path}:${index + 1}: ${line.trim()}`)
    }
  }
  return found
}

function longFunctions(file: SourceFile): string[] {
  return syntaxNodes(file)
    .filter(({ type }) => /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type))
    .map(({ start, end }) => ({ line: lineOf(file, start), lines: lineOf(file, end) - lineOf(file, start) + 1 }))
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .map(({ line, lines }) => `${file.path}:${line}: ${lines} lines`)
}

/**
 * The values of a config whose comment names no source: "From …" or "Ours: …". A value without a comment of its own goes
 * with the one before it.
 */
function valuesWithoutSource(file: SourceFile): string[] {
  const missing: string[] = []
  for (const literal of exportedLiterals(file)) {
    let hasSource = false
    let end = literal.start
    for (const property of literal.properties as readonly SyntaxNode[]) {
      const before = file.text.slice(end, property.start)
      if (/\/\/|\/\*/.test(before)) hasSource = /\b(From|Ours:)\s/.test(before)
      end = property.end
      if (!hasSource && property.type !== 'SpreadElement') missing.push(`${file.path}:${lineOf(file, property.start)}`)
    }
  }
  return missing
}

/** The outermost object literals of the constants that a file exports. */
function exportedLiterals(file: SourceFile): SyntaxNode[] {
  const literals: SyntaxNode[] = []
  for (const node of syntaxNodes(file)) {
    if (node.type !== 'ExportNamedDeclaration' || !isNode(node.declaration)) continue
    if (node.declaration.type !== 'VariableDeclaration') continue
    const { start, end } = node.declaration
    const inside = syntaxNodes(file).filter((other) => other.start > start && other.end <= end)
    const outermost = inside.find(({ type }) => type === 'ObjectExpression')
    if (outermost !== undefined) literals.push(outermost)
  }
  return literals
}

function brokenLinks({ path, text }: SourceFile): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => String(match[1]).replace(/#.*$/, ''))
  return targets
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
    .filter((target) => !existsSync(join(root, normalize(join(dirname(path), target)))))
    .map((target) => `${path}: ${target}`)
}
