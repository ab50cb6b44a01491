// Who may know whom: an arrow points down, never up or sideways. See docs/architecture.md.
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  importedModules,
  isCode,
  isTest,
  sourceFiles,
  type WorkspacePackage,
  workspacePackages,
} from './source-tree.ts'

const GROUND = ['keyspace', 'machine', 'wire', 'library', 'records']
const PROTOCOLS = ['gnutella', 'napster', 'can', 'chord', 'pastry']

/** What the sources of a package may import of the others. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/keyspace': [],
  'packages/machine': ['keyspace'],
  'packages/wire': ['keyspace', 'machine'],
  'packages/library': [],
  'packages/records': ['keyspace', 'machine', 'wire'],
  'packages/gnutella': GROUND,
  'packages/napster': GROUND,
  'packages/can': GROUND,
  'packages/chord': GROUND,
  'packages/pastry': GROUND,
  'packages/simulator': GROUND,
  'packages/libp2p-host': GROUND,
  'packages/transfer': GROUND,
  'packages/scenarios': [...GROUND, ...PROTOCOLS, 'simulator'],
  'packages/servent': [...GROUND, ...PROTOCOLS, 'libp2p-host', 'transfer'],
  'apps/bootstrap': ['library', 'transfer', 'servent'],
  'apps/cli': ['library', 'transfer', 'servent'],
  'apps/web': ['library', 'transfer', 'servent', 'scenarios'],
}

/** The one file of a protocol package that knows a world: its service for libp2p, an entry of its own. */
const isService = (path: string) => path.endsWith('/src/libp2p.ts')
const SERVICE_MAY_IMPORT = 'libp2p-host'

const files = sourceFiles().filter(isCode)
const packages = workspacePackages()

describe('zones', () => {
  it('are given for every package', () => {
    expect(Object.keys(MAY_IMPORT).sort()).toEqual(packages.map(({ folder }) => folder).sort())
  })

  it.each(packages)('$folder depends only on what is below it', ({ folder, runtimeDependencies }) => {
    const hasService = files.some(({ path }) => path.startsWith(`${folder}/`) && isService(path))
    expect(runtimeDependencies.filter((name) => !allowed(folder, hasService).includes(name))).toEqual([])
  })

  it.each(packages)('$folder imports only what is below it', (member) => {
    const sources = filesOf(member).filter((file) => file.path.includes('/src/') && !isTest(file))
    const forbidden = sources.flatMap((file) =>
      ours(importedModules(file))
        .filter((name) => !allowed(member.folder, isService(file.path)).includes(name))
        .map((name) => `${file.path}: ${name}`)
    )
    expect(forbidden).toEqual([])
  })

  it.each(packages)('$folder declares the packages that it imports, tests included', (member) => {
    const imported = new Set(filesOf(member).flatMap((file) => ours(importedModules(file))))
    imported.delete(member.name)
    expect([...imported].filter((name) => !member.dependencies.includes(name))).toEqual([])
  })

  it.each(packages)('$folder reaches into no other package by path', (member) => {
    const outside = filesOf(member).flatMap((file) =>
      importedModules(file)
        .filter((module) => module.startsWith('.'))
        .map((module) => normalize(join(dirname(file.path), module)))
        .filter((target) => !target.startsWith(`${member.folder}/`))
        .map((target) => `${file.path}: ${target}`)
    )
    expect(outside).toEqual([])
  })
})

function filesOf({ folder }: WorkspacePackage) {
  return files.filter(({ path }) => path.startsWith(`${folder}/`))
}

function allowed(folder: string, isForService = false): string[] {
  const below = MAY_IMPORT[folder] ?? []
  return (isForService ? [...below, SERVICE_MAY_IMPORT] : below).map((name) => `@servent/${name}`)
}

/** The names of our packages among modules: `@servent/machine/testing` is `@servent/machine`. */
function ours(modules: readonly string[]): string[] {
  return modules.filter((module) => module.startsWith('@servent/')).map((module) => module.split('/', 2).join('/'))
}
