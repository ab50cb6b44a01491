// The example of each package's README is a program: it compiles, against the sources.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { root, sourceFiles, workspacePackages } from './source-tree.ts'

const packages = workspacePackages().filter(({ folder }) => folder.startsWith('packages/'))

/** The first TypeScript block of each README, by the folder of its package. */
const examples = new Map<string, string>()
for (const { path, text } of sourceFiles()) {
  const block = /^```ts\n([\s\S]*?)^```$/m.exec(text)?.[1]
  const folder = /^(packages\/[^/]+)\/README\.md$/.exec(path)?.[1]
  if (folder !== undefined && block !== undefined) examples.set(folder, block)
}

let compiled: string

beforeAll(() => {
  // In folders that no tool looks at, but from where each package finds its dependencies.
  const files = [...examples].map(([folder, text]) => {
    const file = join(root, folder, 'dist/readme-example.ts')
    mkdirSync(join(root, folder, 'dist'), { recursive: true })
    writeFileSync(file, text)
    return file
  })
  const folder = join(root, 'node_modules/.cache/readme')
  mkdirSync(folder, { recursive: true })
  const paths = Object.fromEntries(packages.map((member) => [member.name, [join(root, member.folder, 'src/index.ts')]]))
  const compilerOptions = {
    noEmit: true,
    composite: false,
    declaration: false,
    declarationMap: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    // An example may end where its result is there to look at.
    noUnusedLocals: false,
    paths,
  }
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  compiled = spawnSync(process.execPath, [tsc, '--project', folder, '--pretty', 'false'], { encoding: 'utf8' }).stdout
})

describe('the example in the README', () => {
  it.each([...examples.keys()])('of %s compiles', (folder) => {
    const errors = compiled.split('\n').filter((line) => line.includes(`${folder}/dist/readme-example.ts`))
    expect(errors).toEqual([])
  })
})
