import { join } from 'node:path'
import type { Servent } from '@servent/servent'
import { FolderShare, Keeper } from '@servent/servent/node'
import { IdentityCache } from '@servent/transfer/node'
import type { Report } from './bootstrap.ts'
import type { BootstrapConfig } from './config.ts'

/** What a bootstrap node offers of its disk: a library, and what it keeps for others. */
export interface OfferedFiles {
  /** The library is followed no more, and nothing more is fetched. */
  stop(): Promise<void>
}

/** Resolves when the files that are there are offered. */
export async function offerFiles(servent: Servent, config: BootstrapConfig, report: Report): Promise<OfferedFiles> {
  const library = await shareLibrary(servent, config, report)
  let keeper: Keeper | undefined
  try {
    keeper = await startKeeper(servent, config, report)
  } catch (error) {
    library.stop()
    throw error
  }
  return {
    stop: async () => {
      library.stop()
      await keeper?.stop()
    },
  }
}

async function shareLibrary(servent: Servent, config: BootstrapConfig, report: Report): Promise<FolderShare> {
  const identities = await IdentityCache.open(join(config.data, 'identities'), { onProblem: report })
  let isStarting = true
  const listener = {
    onShared: (path: string) => {
      if (!isStarting) report(`Shared: ${path}`)
    },
    onUnshared: (path: string) => report(`Shared no more: ${path}`),
    onProblem: ({ path, reason }: { path: string; reason: string }) => report(`Not shared: ${path}: ${reason}`),
  }
  const share = await FolderShare.start(servent, config.library, listener, { identities })
  await share.idle()
  isStarting = false
  report(`Sharing ${share.fileCount} files from ${config.library}.`)
  return share
}

async function startKeeper(servent: Servent, config: BootstrapConfig, report: Report): Promise<Keeper | undefined> {
  const { keep, keepBudgetBytes: budgetBytes } = config
  if (budgetBytes === undefined) return undefined
  const keeper = await Keeper.start(servent, {
    folder: join(config.data, 'kept'),
    budgetBytes,
    listener: {
      onKept: ({ name }) => report(`Keeping ${name} for others.`),
      onRemoved: ({ name }) => report(`Keeping ${name} no more.`),
      onProblem: report,
    },
  })
  for (const target of keep) {
    keeper.keep(target).catch((error: unknown) => {
      if (!keeper.isStopped) report(`Not kept: ${error instanceof Error ? error.message : error}`)
    })
  }
  return keeper
}
