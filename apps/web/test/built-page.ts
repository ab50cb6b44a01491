import { join } from 'node:path'
import { build, type Rolldown } from 'vite'

/** The page as it is served: built, but not written anywhere. */
export async function buildPage(): Promise<readonly (Rolldown.OutputChunk | Rolldown.OutputAsset)[]> {
  // As it is served: the test runner's own environment has views drawn by code that tells where each part was written.
  process.env.NODE_ENV = 'production'
  const built = await build({
    configFile: join(import.meta.dirname, '../vite.config.ts'),
    logLevel: 'error',
    build: { write: false },
  })
  // One build, not watching, of one output.
  if (Array.isArray(built) || !('output' in built)) throw new Error('The page is not built as one')
  return built.output
}

/** What a built file holds. */
export function contentOf(file: Rolldown.OutputChunk | Rolldown.OutputAsset): string | Uint8Array {
  return file.type === 'chunk' ? file.code : file.source
}
