import { join } from 'node:path'
import { IdentityCache } from '@servent/transfer/node'
import type { CommonOptions } from './command-line.ts'
import type { Terminal } from './terminal.ts'

/** What files were named before, kept in the data folder, so that they are not hashed again. */
export function openIdentities({ data }: CommonOptions, terminal: Terminal): Promise<IdentityCache> {
  return IdentityCache.open(join(data, 'identities'), { onProblem: (sentence) => terminal.note(sentence) })
}
