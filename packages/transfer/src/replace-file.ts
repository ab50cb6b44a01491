import { rename, writeFile } from 'node:fs/promises'

/** Writes a small file beside and renames it: a process that dies amid it leaves the old one. Only we may read it. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const beside = `${path}.${process.pid}.new`
  await writeFile(beside, bytes, { mode: 0o600, flush: true })
  await rename(beside, path)
}
