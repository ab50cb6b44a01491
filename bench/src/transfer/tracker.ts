import Tracker from 'bittorrent-tracker/server'

/** Introduces the peers of WebTorrent to each other, on this machine alone. */
export interface RunningTracker {
  readonly url: string
  stop(): Promise<void>
}

export async function startTracker(): Promise<RunningTracker> {
  const tracker = new Tracker({ http: false, udp: false, stats: false })
  await new Promise<void>((resolve) => tracker.listen(0, '127.0.0.1', resolve))
  const address = tracker.http.address()
  if (address === null || typeof address === 'string') throw new Error('The tracker has no port')
  return {
    url: `ws://127.0.0.1:${address.port}`,
    stop: () => new Promise((resolve) => tracker.close(resolve)),
  }
}
