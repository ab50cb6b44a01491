import { type HeapGrowth, heapGrowth } from './memory.ts'
import { interleave, type Rates, ratesOf, times, timesByCpu } from './rates.ts'
import { connectBare, share, withTabs } from './tabs.ts'

/** A large file from tab to tab. */
export interface LargeReport {
  readonly sizeBytes: number
  /** `Servent.download` to the origin private file system. */
  readonly download: Rates
  /** A bare RTCDataChannel, to nowhere. */
  readonly bare: Rates
  readonly ratio: number
  readonly ratioByCpu: number | undefined
  /** By the download that grew it most. */
  readonly heapGrowth: Growths
}

type Growths = Readonly<Record<'receiver' | 'sender', HeapGrowth>>

export function large(url: string, size: number, rounds: number): Promise<LargeReport> {
  return withTabs({ url, size }, async ({ receiver, senders: [sender], cpuMs }) => {
    if (sender === undefined) throw new Error('No tab shares')
    const shared = await share(sender)
    await connectBare(receiver, sender)
    const growths: Growths[] = []
    const found = await interleave(
      {
        download: async () => {
          const { result, growth } = await heapGrowth({ receiver, sender }, () =>
            receiver.evaluate(async (file) => (await bench).fetch([file], 'opfs'), shared)
          )
          growths.push(growth)
          return result
        },
        bare: () => receiver.evaluate(async (bytes) => (await bench).bare.receive(bytes), size),
      },
      { rounds, warmUp: false, cpuMs }
    )
    const [download, bare] = [ratesOf(size, found.download), ratesOf(size, found.bare)]
    return {
      sizeBytes: size,
      download,
      bare,
      ratio: times(download, bare),
      ratioByCpu: timesByCpu(download, bare),
      heapGrowth: { receiver: highest(growths, 'receiver'), sender: highest(growths, 'sender') },
    }
  })
}

function highest(growths: readonly Growths[], tab: keyof Growths): HeapGrowth {
  return {
    peakBytes: Math.max(...growths.map((growth) => growth[tab].peakBytes)),
    keptBytes: Math.max(...growths.map((growth) => growth[tab].keptBytes)),
  }
}
