import { inductiveViolations, ringViolations } from './invariants.ts'
import { IDENTIFIERS, ZaveWorld } from './world.ts'

/** Members at the most. */
const MEMBERS_MAX = 10

export interface RunReport {
  /** What did not hold, after which event; undefined if all did. */
  readonly violation: string | undefined
  readonly events: number
  readonly joinCount: number
  readonly failCount: number
  /** Whether every list is what it should be once nobody comes or goes and everybody has stabilized. */
  readonly isIdealInTheEnd: boolean
}

/** Joins (15 %), failures (12 %), rounds of stabilize and arrivals in random order; the invariants after each of them. */
export function randomRun(r: number, seed: number, eventsMax: number): RunReport {
  const random = stream(seed)
  const below = (count: number): number => Math.floor(random() * count)
  const base = new Set<number>()
  while (base.size < r + 1) base.add(below(IDENTIFIERS))
  const world = new ZaveWorld(r, [...base], random)
  let joinCount = 0
  let failCount = 0
  for (let events = 1; events <= eventsMax; events++) {
    const draw = random()
    const member = world.ids[below(world.ids.length)] as number
    const newcomer = below(IDENTIFIERS)
    if (draw < 0.15) {
      if (world.ids.length >= MEMBERS_MAX || world.has(newcomer)) continue
      world.join(newcomer, member)
      joinCount++
    } else if (draw < 0.27) {
      if (!world.mayFail(member)) continue
      world.fail(member)
      failCount++
    } else if (draw < 0.6) {
      world.stabilize(member)
    } else {
      world.deliver()
    }
    const [violation] = [...inductiveViolations(world.members, r), ...ringViolations(world.members)]
    if (violation !== undefined) return { violation, events, joinCount, failCount, isIdealInTheEnd: false }
  }
  return { violation: undefined, events: eventsMax, joinCount, failCount, isIdealInTheEnd: settles(world) }
}

function settles(world: ZaveWorld): boolean {
  for (let round = 0; round < 4 * MEMBERS_MAX; round++) {
    for (const id of world.ids) world.stabilize(id)
    while (world.underwayCount > 0) world.deliver()
  }
  const sorted = world.ids.toSorted((a, b) => a - b)
  return world.members.every(({ id, successors }) => {
    const at = sorted.indexOf(id)
    const others = [...sorted.slice(at + 1), ...sorted.slice(0, at)].slice(0, world.r)
    return successors.length === others.length && successors.every((entry, i) => entry === others[i])
  })
}

/** Numbers in [0, 1), the same for the same seed. */
function stream(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
