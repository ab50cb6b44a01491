import { DownloadError } from '../src/index.ts'

/** Why a download failed. */
export async function failureOf(run: Promise<unknown>): Promise<DownloadError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason
  )
  if (error instanceof DownloadError) return error
  throw new Error('The download did not fail as downloads do', { cause: error })
}
