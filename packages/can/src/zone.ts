import { KEY_WORDS, type Key, keyFromWords } from '@servent/keyspace'

/** Bits of one coordinate: squares of distances in ten dimensions are still whole numbers of a double. */
export const COORDINATE_BITS = 24

/** Where a coordinate wraps around: each dimension of the torus is the whole numbers below this. */
export const SIDE = 1 << COORDINATE_BITS

const MASK = SIDE - 1

/** More dimensions than this would leave a key fewer than sixteen bits for each. */
export const DIMENSIONS_MAX = 10

/** A place on the torus: one coordinate a dimension, each in [0, {@link SIDE}). */
export type Point = readonly number[]

/**
 * A part of the torus that splitting makes (§2.1). Splits halve one dimension after the other, always in the same order,
 * so a zone is a path of `depth` turns through the tree of all splits, and in each dimension the numbers that begin with
 * certain bits: exact, however often it is split and merged. Immutable, and shared by reference.
 */
export interface Zone {
  /** How many splits made it; its volume is 2^-depth of the torus. */
  readonly depth: number
  /** Its lowest corner. There are as many coordinates as dimensions. */
  readonly low: Point
}

/** The whole torus of so many dimensions. */
export function wholeTorus(dimensions: number): Zone {
  return { depth: 0, low: new Array<number>(dimensions).fill(0) }
}

/** How many bits of a key a coordinate takes. */
function bitsOfCoordinate(dimensions: number): number {
  return Math.min(COORDINATE_BITS, Math.floor((32 * KEY_WORDS) / dimensions))
}

/** Zones are not split deeper than this: the points of keys could not be told apart. */
export function depthMax(dimensions: number): number {
  return dimensions * bitsOfCoordinate(dimensions)
}

/** The point of a key: consecutive slices of it, a coordinate each ("d hashes of the key", §2.1). */
export function pointOf(key: Key, dimensions: number): Point {
  const bits = bitsOfCoordinate(dimensions)
  const point: number[] = []
  for (let i = 0; i < dimensions; i++) point.push(slice(key, i * bits, bits) << (COORDINATE_BITS - bits))
  return point
}

/** A key whose point this is: to look for a place instead of a name. */
export function keyAt(point: Point): Key {
  const bits = bitsOfCoordinate(point.length)
  const words = new Int32Array(KEY_WORDS)
  for (const [i, coordinate] of point.entries()) {
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit
      if (((coordinate >>> (COORDINATE_BITS - 1 - bit)) & 1) === 1)
        words[at >> 5] = (words[at >> 5] as number) | (1 << (31 - (at & 31)))
    }
  }
  return keyFromWords(words)
}

/**
 * Where a node joins a reality: the point of its key in the first one, another that follows from its key in each further
 * one, so that it owns unrelated zones (§3.2) and yet chooses none of them.
 */
export function homeOf(key: Key, dimensions: number, reality: number): Point {
  if (reality === 0) return pointOf(key, dimensions)
  const words = key.map((word, i) => mix(word ^ mix(Math.imul(reality, 0x9e3779b1) + i)))
  return pointOf(keyFromWords(words), dimensions)
}

/** The finalizer of MurmurHash3: a permutation of words, so that what was spread stays spread. */
function mix(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

/** `count` bits of a key from bit `from` on, at most 24. */
function slice(key: Key, from: number, count: number): number {
  const word = (key[from >> 5] as number) >>> 0
  const end = (from & 31) + count
  if (end <= 32) return (word >>> (32 - end)) & (2 ** count - 1)
  const next = (key[(from >> 5) + 1] as number) >>> 0
  const inNext = end - 32
  return (word % 2 ** (count - inNext)) * 2 ** inNext + (next >>> (32 - inNext))
}

/** Log2 of a zone's extent in a dimension. */
function shiftOf(depth: number, dimensions: number, dimension: number): number {
  const splits = Math.floor(depth / dimensions) + (dimension < depth % dimensions ? 1 : 0)
  return COORDINATE_BITS - splits
}

/** The part of the torus that a zone is, in (0, 1]. Exact: a power of two. */
export function volumeOf(zone: Zone): number {
  return 2 ** -zone.depth
}

/** The zones' volumes together. */
export function volumeOfAll(zones: readonly Zone[]): number {
  let volume = 0
  for (const zone of zones) volume += volumeOf(zone)
  return volume
}

export function contains(zone: Zone, point: Point): boolean {
  return squaredDistance(zone, point) === 0
}

/** Square of the distance from a point to the nearest point of a zone, around the torus. 0 if the zone has the point. */
export function squaredDistance({ depth, low }: Zone, point: Point): number {
  const dimensions = low.length
  const whole = COORDINATE_BITS - Math.floor(depth / dimensions)
  const more = depth % dimensions
  let sum = 0
  for (let i = 0; i < dimensions; i++) {
    const extent = 1 << (i < more ? whole - 1 : whole)
    const offset = ((point[i] as number) - (low[i] as number)) & MASK
    if (offset < extent) continue
    const gap = Math.min(offset - extent + 1, SIDE - offset)
    sum += gap * gap
  }
  return sum
}

/** The least of the squared distances to any of the zones; infinite if there is none. */
export function squaredDistanceToAny(zones: readonly Zone[], point: Point): number {
  let least = Number.POSITIVE_INFINITY
  for (const zone of zones) least = Math.min(least, squaredDistance(zone, point))
  return least
}

export const APART = 0
/** They overlap in all dimensions but one, and abut in that (§2.1): neighbors. */
export const ABUTTING = 1
/** One lies within the other, or they are the same. */
export const NESTED = 2

export type Relation = typeof APART | typeof ABUTTING | typeof NESTED

/** How two zones lie to each other. */
export function relationOf(a: Zone, b: Zone): Relation {
  const dimensions = a.low.length
  let abutting = 0
  for (let i = 0; i < dimensions; i++) {
    const lowA = a.low[i] as number
    const lowB = b.low[i] as number
    const shiftA = shiftOf(a.depth, dimensions, i)
    const shiftB = shiftOf(b.depth, dimensions, i)
    if ((lowA ^ lowB) >>> Math.max(shiftA, shiftB) === 0) continue
    const abuts = ((lowA + (1 << shiftA)) & MASK) === lowB || ((lowB + (1 << shiftB)) & MASK) === lowA
    if (!abuts || abutting > 0) return APART
    abutting++
  }
  return abutting === 0 ? NESTED : ABUTTING
}

/** The closest that any of some zones lies to any of others. */
export function closestRelation(as: readonly Zone[], bs: readonly Zone[]): Relation {
  let closest: Relation = APART
  for (const a of as) {
    for (const b of bs) {
      const relation = relationOf(a, b)
      if (relation > closest) closest = relation
    }
  }
  return closest
}

export function zonesEqual(a: Zone, b: Zone): boolean {
  return a.depth === b.depth && a.low.every((low, i) => low === b.low[i])
}

/** The dimension that a zone is split in next. */
function nextDimension({ depth, low }: Zone): number {
  return depth % low.length
}

/** The two halves of a zone, the lower first. */
export function halves(zone: Zone): [Zone, Zone] {
  const { depth, low } = zone
  const dimension = nextDimension(zone)
  const extent = 1 << (shiftOf(depth, low.length, dimension) - 1)
  return [
    { depth: depth + 1, low },
    { depth: depth + 1, low: low.with(dimension, (low[dimension] as number) + extent) },
  ]
}

/** What was split off with a zone. The whole torus has none. */
export function siblingOf(zone: Zone): Zone | undefined {
  const { depth, low } = zone
  if (depth === 0) return undefined
  const dimension = (depth - 1) % low.length
  return { depth, low: low.with(dimension, (low[dimension] as number) ^ (1 << shiftOf(depth, low.length, dimension))) }
}

/** The zone that a zone is a half of; the whole torus is its own. */
export function parentOf(zone: Zone): Zone {
  const { depth, low } = zone
  if (depth === 0) return zone
  const dimension = (depth - 1) % low.length
  return {
    depth: depth - 1,
    low: low.with(dimension, (low[dimension] as number) & ~(1 << shiftOf(depth, low.length, dimension))),
  }
}

/** What is left of a zone without a part of it: the siblings on the way from the part up to the zone. */
export function without(zone: Zone, part: Zone): Zone[] {
  const rest: Zone[] = []
  for (let at = part; at.depth > zone.depth; at = parentOf(at)) {
    const sibling = siblingOf(at)
    if (sibling !== undefined) rest.push(sibling)
  }
  return rest
}

/** The zone of a depth that a point lies in. */
export function zoneAt(point: Point, depth: number): Zone {
  const dimensions = point.length
  const low = point.map((coordinate, i) => {
    const shift = shiftOf(depth, dimensions, i)
    return (coordinate >>> shift) << shift
  })
  return { depth, low }
}

/** A zone's extent in a dimension, in coordinates. */
export function extentOf({ depth, low }: Zone, dimension: number): number {
  return 1 << shiftOf(depth, low.length, dimension)
}

/** Whether numbers from a remote are a zone of a torus with so many dimensions: aligned, and no deeper than zones go. */
export function isZone({ depth, low }: Zone, dimensions: number): boolean {
  if (low.length !== dimensions || depth < 0 || depth > depthMax(dimensions)) return false
  return low.every((coordinate, i) => {
    const extent = 1 << shiftOf(depth, dimensions, i)
    return coordinate >= 0 && coordinate < SIDE && (coordinate & (extent - 1)) === 0
  })
}
