import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { run } from '../src/run.ts'

const NOBODY = 65534

it('says of a folder that may not be read that there is no permission', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'servent-closed-'))
  await chmod(folder, 0o000)
  let said = ''
  const stream = { write: (text: string) => (said += text) }
  const surroundings = { env: {}, out: stream, error: stream, signal: new AbortController().signal }
  // To root no folder is closed, so for a moment this process is nobody.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    expect(await run(['share', folder], surroundings)).toBe(1)
  } finally {
    if (isRoot) process.seteuid?.(0)
    await rm(folder, { recursive: true })
  }
  expect(said).toContain('may not be read: you have no permission.')
})
