import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

/** The root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** One text file of the repository. */
export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string
  readonly text: string
}

/** A node of a syntax tree as far as these tests look into it. */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

const SKIPPED = new Set(['node_modules', 'dist', 'dist-types', 'out', '.git', '.servent', 'test-results'])
const SOURCE = /\.(ts|tsx|mjs|css|html|md|json|grit)$/

/** Every file that people write, in the order of their paths. */
export function sourceFiles(folder = root): SourceFile[] {
  const files: SourceFile[] = []
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (SKIPPED.has(entry.name)) continue
    if (entry.isDirectory()) files.push(...sourceFiles(path))
    else if (SOURCE.test(entry.name)) {
      files.push({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') })
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** Whether a file is a program: TypeScript or JavaScript. */
export function isCode({ path }: SourceFile): boolean {
  return /\.(ts|tsx|mjs)$/.test(path)
}

/** Whether a file is only there to test. */
export function isTest({ path }: SourceFile): boolean {
  return /(^|\/)(test|testing|e2e)\//.test(path)
}

/** Every node of a file's syntax tree, parents before their children. */
export function syntaxNodes(file: SourceFile): SyntaxNode[] {
  const { program, errors } = parseSync(basename(file.path), file.text)
  if (errors.length > 0) throw new Error(`${file.path}: ${errors[0]?.message}`)
  const nodes: SyntaxNode[] = []
  collect(program, nodes)
  return nodes
}

function collect(value: unknown, into: SyntaxNode[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, into)
  } else if (isNode(value)) {
    into.push(value)
    for (const field of Object.values(value)) collect(field, into)
  }
}

/** Whether a value of a syntax tree is a node of it. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** What a file imports or re-exports from, statically or not. */
export function importedModules(file: SourceFile): string[] {
  const modules: string[] = []
  for (const node of syntaxNodes(file)) {
    if (!/^(ImportDeclaration|ImportExpression|ExportNamedDeclaration|ExportAllDeclaration)$/.test(node.type)) continue
    if (isNode(node.source) && typeof node.source.value === 'string') modules.push(node.source.value)
  }
  return modules
}

/** The number of the line that an offset is in, from 1. */
export function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split('\n').length
}

/** A package of the workspace. */
export interface WorkspacePackage {
  /** `packages/machine`. */
  readonly folder: string
  /** `@servent/machine`. */
  readonly name: string
  /** Packages of this workspace that it may import, those for its tests included. */
  readonly dependencies: readonly string[]
  /** Those that whoever installs it gets. */
  readonly runtimeDependencies: readonly string[]
}

/** Every package of `packages` and `apps`. */
export function workspacePackages(): WorkspacePackage[] {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => {
      const folder = `${parent}/${name}`
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const ours = (field: string) => Object.keys(manifest[field] ?? {}).filter((key) => key.startsWith('@servent/'))
      const runtimeDependencies = ours('dependencies')
      return {
        folder,
        name: manifest.name,
        runtimeDependencies,
        dependencies: [...runtimeDependencies, ...ours('devDependencies')],
      }
    })
  )
}
