import { type IdealTorus, idealTorus, volumeOf } from '@servent/can'
import { keyFromWords } from '@servent/keyspace'
import { randomInt } from '@servent/machine'
import { randomFor } from '@servent/simulator'

/** A torus that so many nodes have joined at random points. */
export interface TorusSize {
  readonly nodes: number
  readonly dimensions: number
  /** Whether a node asked to split leaves it to a neighbor with a larger zone. */
  readonly uniform: boolean
  readonly seed: number
}

/** Which part of the zones has which volume, in the volume of an equal share (§3.7, figure 9). */
export function canVolumeShares(size: TorusSize): ReadonlyMap<number, number> {
  const { zones } = grow(size)
  const shares = new Map<number, number>()
  for (const zone of zones) {
    const volume = volumeOf(zone) * size.nodes
    shares.set(volume, (shares.get(volume) ?? 0) + 1 / size.nodes)
  }
  return shares
}

/** Neighbors of a node, on average (table 4). */
export function canNeighbors(size: TorusSize): number {
  return grow(size).neighbors.reduce((sum, { length }) => sum + length, 0) / size.nodes
}

function grow({ nodes, dimensions, uniform, seed }: TorusSize): IdealTorus {
  const random = randomFor(seed, 'can keys')
  const keys = Array.from({ length: nodes }, () =>
    keyFromWords(Int32Array.from({ length: 5 }, () => randomInt(random, 2 ** 32)))
  )
  return idealTorus(nodes, (node) => keys[node] as (typeof keys)[number], { dimensions, reality: 0, uniform })
}
