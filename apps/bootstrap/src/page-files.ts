import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

const gzipAsync = promisify(gzip)

/** One file of the page, in memory. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
  /** Undefined for what does not get smaller. */
  readonly gzipped: Uint8Array | undefined
}

/** Path as in a URL to file. Only what is in the map is ever served: no path of a request reaches the disk. */
export type PageFiles = ReadonlyMap<string, PageFile>

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/** Reads a built page into memory (well under a megabyte). Files of unknown types are left out. */
export async function readPage(folder: string): Promise<PageFiles> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = new Map<string, PageFile>()
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = await readFile(path)
    const gzipped = await gzipAsync(bytes, { level: 9 })
    const url = `/${relative(folder, path).split(sep).join('/')}`
    files.set(url, { type, bytes, gzipped: gzipped.length < bytes.length * 0.95 ? gzipped : undefined })
  }
  const index = files.get('/index.html')
  if (index !== undefined) files.set('/', index)
  return files
}
