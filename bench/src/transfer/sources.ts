import type { Page } from 'playwright'
import type { Shared } from './page.ts'
import { interleave, MIB, type Rates, ratesOf, times } from './rates.ts'
import { share, withTabs } from './tabs.ts'

const SOURCES = 3

/** Of each source, in bytes per second: what all of them give is well under what a tab can take. */
const LIMIT_BYTES_PER_SECOND = 4 * MIB

/** A file that several tabs share, each of them slow. */
export interface SourcesReport {
  readonly sizeBytes: number
  /** MiB/s. */
  readonly limitPerSource: number
  /** Of each source alone. */
  readonly alone: readonly Rates[]
  readonly together: Rates
  /** Together over the fastest alone. */
  readonly timesFastest: number
}

export function threeSources(url: string, size: number, rounds: number): Promise<SourcesReport> {
  return withTabs({ url, size, senders: SOURCES }, async ({ receiver, senders }) => {
    const from = (sharing: readonly Page[]) => async () => {
      // A download finds everybody who shares the file, whomever it is told of.
      for (const sender of senders) await sender.evaluate(async () => (await bench).unshare())
      const shared: Shared[] = []
      for (const sender of sharing) shared.push(await share(sender))
      for (const sender of sharing) {
        await sender.evaluate(async (limit) => (await bench).limitUploads(limit), LIMIT_BYTES_PER_SECOND)
      }
      return receiver.evaluate(async (all) => (await bench).fetch(all, 'nowhere'), shared)
    }
    const alone = await interleave(
      Object.fromEntries(senders.map((sender, index) => [`source ${index + 1}`, from([sender])])),
      { rounds, warmUp: false }
    )
    const { together } = await interleave({ together: from(senders) }, { rounds, warmUp: false })
    const ratesAlone = Object.values(alone).map((found) => ratesOf(size, found))
    const fastest = ratesAlone.toSorted((a, b) => b.median - a.median)[0]
    const ratesTogether = ratesOf(size, together)
    return {
      sizeBytes: size,
      limitPerSource: LIMIT_BYTES_PER_SECOND / MIB,
      alone: ratesAlone,
      together: ratesTogether,
      timesFastest: fastest === undefined ? Number.NaN : times(ratesTogether, fastest),
    }
  })
}
