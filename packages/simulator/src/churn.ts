import type { Random } from '@servent/machine'
import { exponential } from './rng.ts'

/** How nodes come and go. */
export interface ChurnOptions {
  /** Half of the sessions are over after this long, in milliseconds; they end at random (exponentially distributed). */
  readonly sessionHalfLifeMs: number
  /** Half of those who left are back after this long. The same as for sessions if not given: half of all are there. */
  readonly absenceHalfLifeMs?: number
  /** Which part of the departures are crashes, which peers are not told of, 0 to 1; 0.5 if not given. */
  readonly crashShare?: number
}

/** What churn needs of a simulator. */
export interface Churning {
  readonly nodes: number
  isUp(node: number): boolean
  start(node: number): void
  stop(node: number): void
  crash(node: number): void
  schedule(delayMs: number, action: () => void): void
  random(purpose: string): Random
}

/**
 * Lets the running nodes of a simulation leave and come back from now on. Whoever comes back has its number and its key
 * and has forgotten everything else.
 *
 * @param onUp - called after a node has been started again: it has nobody to talk to yet
 */
export function churn(simulator: Churning, options: ChurnOptions, onUp: (node: number) => void): void {
  const random = simulator.random('churn')
  const crashShare = options.crashShare ?? 0.5
  const sessionMs = options.sessionHalfLifeMs / Math.LN2
  const absenceMs = (options.absenceHalfLifeMs ?? options.sessionHalfLifeMs) / Math.LN2
  const leaveLater = (node: number) => {
    simulator.schedule(exponential(random, sessionMs), () => {
      if (!simulator.isUp(node)) return
      if (random() < crashShare) simulator.crash(node)
      else simulator.stop(node)
      returnLater(node)
    })
  }
  const returnLater = (node: number) => {
    simulator.schedule(exponential(random, absenceMs), () => {
      if (simulator.isUp(node)) return
      simulator.start(node)
      leaveLater(node)
      onUp(node)
    })
  }
  for (let node = 0; node < simulator.nodes; node++) if (simulator.isUp(node)) leaveLater(node)
}
