import { setTimeout } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright'

/** Milliseconds between two looks at the heap while a transfer runs. */
const LOOK_EVERY_MS = 250

/** How the memory of a tab's scripts grew during some work, in bytes: objects, and what array buffers hold. */
export interface HeapGrowth {
  /** At its highest, garbage included. */
  readonly peakBytes: number
  /** At the end, garbage collected. */
  readonly keptBytes: number
}

/** Does some work and measures how the heap of each tab grows meanwhile. */
export async function heapGrowth<Result, Name extends string>(
  pages: Readonly<Record<Name, Page>>,
  work: () => Promise<Result>
): Promise<{ readonly result: Result; readonly growth: Readonly<Record<Name, HeapGrowth>> }> {
  const done = new AbortController()
  const watched = Object.entries<Page>(pages).map(async ([name, page]) => {
    const session = await page.context().newCDPSession(page)
    await session.send('HeapProfiler.enable')
    const before = await collectedBytes(session)
    return async () => {
      const peak = await peakBytes(session, done.signal)
      const after = await collectedBytes(session)
      await session.detach()
      return [name, { peakBytes: peak - before, keptBytes: after - before }] as const
    }
  })
  const watches = await Promise.all(watched)
  const [result, ...growths] = await Promise.all([
    work().finally(() => done.abort()),
    ...watches.map((watch) => watch()),
  ])
  return { result, growth: Object.fromEntries(growths) as Record<Name, HeapGrowth> }
}

/** The most that was in use whenever we looked, until the signal fires. */
async function peakBytes(session: CDPSession, done: AbortSignal): Promise<number> {
  let peak = 0
  while (!done.aborted) {
    peak = Math.max(peak, await usedBytes(session))
    await setTimeout(LOOK_EVERY_MS)
  }
  return Math.max(peak, await usedBytes(session))
}

async function collectedBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  return usedBytes(session)
}

async function usedBytes(session: CDPSession): Promise<number> {
  const usage = await session.send('Runtime.getHeapUsage')
  return usage.usedSize + usage.embedderHeapUsedSize + usage.backingStorageSize
}
