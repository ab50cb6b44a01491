import type { RateLimit } from './rate-limit.ts'
import type { SharedFiles } from './shared-files.ts'
import type { UploadLedger } from './upload-ledger.ts'

/** What servers of several protocols share: the same files, within the same slots and the same rate. */
export interface Uploads {
  readonly files: SharedFiles
  readonly ledger: UploadLedger
  readonly rate: RateLimit
}
