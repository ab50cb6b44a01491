import { Calendar } from '@servent/simulator'

/** What no simulator of this machine can be faster than, as the other process of a round prints it. */
export interface Limits {
  /** Events a second of the bare calendar: as many pending as there are nodes, an empty handler, delays as in the flood. */
  readonly calendarEventsPerSecond: number
  /** Reads a second from places that cannot be foreseen, each of which depends on the one before it. */
  readonly randomReadsPerSecond: number
}

const EVENTS = 5_000_000
const READS = 5_000_000
const DELAY_MS_MAX = 100

/**
 * @param pending - events in the queue at any time
 * @param bytes - how large the memory is that is read at random, rounded up to a power of two
 */
export function measureLimits(pending: number, bytes: number): Limits {
  return { calendarEventsPerSecond: holdModel(pending), randomReadsPerSecond: randomReads(bytes) }
}

/** Takes an event and adds another one, over and over: the hold model of the literature on event queues. */
function holdModel(pending: number): number {
  const calendar = new Calendar<undefined>(2 ** 20)
  let state = 1
  const add = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    calendar.push(calendar.now + 1 + ((state >>> 8) % DELAY_MS_MAX), 0, state >>> 12, 0, 0, undefined)
  }
  for (let i = 0; i < pending; i++) add()
  const run = (events: number) => {
    for (let done = 0; done < events; ) {
      const count = calendar.take(calendar.now + DELAY_MS_MAX, events - done)
      for (let i = 0; i < count; i++) add()
      done += count
    }
  }
  run(pending)
  return perSecond(EVENTS, () => run(EVENTS))
}

function randomReads(bytes: number): number {
  const length = 2 ** Math.ceil(Math.log2(bytes / 4))
  const memory = new Int32Array(length)
  for (let i = 0; i < length; i++) memory[i] = Math.imul(i, 0x9e3779b1)
  let place = 1
  const run = (reads: number) => {
    for (let i = 0; i < reads; i++) place = (Math.imul((memory[place] as number) + i, 0x85ebca6b) >>> 7) & (length - 1)
  }
  run(READS / 10)
  return perSecond(READS, () => run(READS))
}

function perSecond(count: number, work: () => void): number {
  const startedAt = performance.now()
  work()
  return Math.round((1000 * count) / (performance.now() - startedAt))
}
