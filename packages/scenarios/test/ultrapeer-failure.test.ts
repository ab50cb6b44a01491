import { randomFor } from '@servent/simulator'
import { describe, expect, it } from 'vitest'
import { type HybridNetwork, UltrapeerFailure } from '../src/ultrapeer-failure.ts'

/** Thirty ultrapeers, and leaves with two of them each, who do nothing by themselves. */
class StillNetwork implements HybridNetwork {
  readonly nodes = 130
  readonly #ultrapeers = Array.from({ length: 130 }, (_, node) => (node < 30 ? [] : [node % 30, (node * 7) % 30]))
  readonly #down = new Set<number>()
  readonly #actions: { readonly at: number; readonly action: () => void }[] = []
  now = 5000

  isUp(node: number): boolean {
    return !this.#down.has(node)
  }

  isUltrapeer(node: number): boolean {
    return node < 30
  }

  ultrapeersOf(leaf: number): readonly number[] {
    return this.#ultrapeers[leaf] ?? []
  }

  crash(node: number): void {
    this.#down.add(node)
  }

  schedule(delayMs: number, action: () => void): void {
    this.#actions.push({ at: this.now + delayMs, action })
  }

  get orphans(): number[] {
    const leaves = [...this.#ultrapeers.keys()].filter((node) => node >= 30)
    return leaves.filter((leaf) => !this.ultrapeersOf(leaf).some((node) => this.isUp(node)))
  }

  adoptOrphans(): void {
    const [running = 0] = Array.from({ length: 30 }, (_, node) => node).filter((node) => this.isUp(node))
    for (const leaf of this.orphans) this.#ultrapeers[leaf] = [running]
  }

  /** Does what was scheduled up to a moment. */
  run(until: number): void {
    for (;;) {
      const next = this.#actions.findIndex(({ at }) => at <= until)
      const [found] = next === -1 ? [] : this.#actions.splice(next, 1)
      if (found === undefined) break
      this.now = found.at
      found.action()
    }
    this.now = until
  }
}

describe('the crash of ultrapeers', () => {
  it('takes the part that it was asked for, and finds the leaves that have nobody left', () => {
    const network = new StillNetwork()
    const failure = new UltrapeerFailure(network, 1 / 3, randomFor(1, 'test'))
    failure.crash()
    expect(failure.crashed).toBe(10)
    expect(network.orphans.length).toBeGreaterThan(0)
    expect(failure.orphans).toBe(network.orphans.length)
    expect(failure.recoverySeconds).toBeUndefined()
  })

  it('is over when each leaf has an ultrapeer that runs', () => {
    const network = new StillNetwork()
    const failure = new UltrapeerFailure(network, 1 / 3, randomFor(1, 'test'))
    failure.crash()
    network.run(12_000)
    network.adoptOrphans()
    network.run(60_000)
    expect(failure.recoverySeconds).toBe(7.5)
  })

  it('is watched for five minutes at the most', () => {
    const network = new StillNetwork()
    const failure = new UltrapeerFailure(network, 0.9, randomFor(1, 'test'))
    failure.crash()
    network.run(400_000)
    network.adoptOrphans()
    network.run(800_000)
    expect(failure.recoverySeconds).toBeUndefined()
  })

  it('that leaves everyone an ultrapeer is over at once', () => {
    const failure = new UltrapeerFailure(new StillNetwork(), 0, randomFor(1, 'test'))
    failure.crash()
    expect([failure.crashed, failure.orphans, failure.recoverySeconds]).toEqual([0, 0, 0])
  })
})
