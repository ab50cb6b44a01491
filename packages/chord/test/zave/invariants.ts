// What Zave proved of a ring, as checks of one moment: "Reasoning about identifier spaces: How to make Chord correct" (2017).

/** A live member: its identifier and its successor list. Identifiers of dead nodes may stand in lists. */
export interface Member {
  readonly id: number
  readonly successors: readonly number[]
}

/** Whether `x` lies strictly between `a` and `b`, going clockwise; from an identifier to itself is all the way round. */
export function between(a: number, x: number, b: number): boolean {
  return a < b ? a < x && x < b : x > a || x < b
}

/** The first live entry of each member's list. */
function bestSuccessors(members: readonly Member[]): Map<number, number | undefined> {
  const live = new Set(members.map(({ id }) => id))
  return new Map(members.map(({ id, successors }) => [id, successors.find((entry) => live.has(entry))]))
}

/** Members on a cycle of first live successors: each cycle as a list. */
function cycles(members: readonly Member[]): number[][] {
  const best = bestSuccessors(members)
  const found = new Map<number, number[]>()
  for (const { id } of members) {
    let at: number | undefined = id
    for (let steps = 0; steps < members.length && at !== undefined; steps++) at = best.get(at)
    if (at === undefined) continue
    const cycle: number[] = []
    for (let walk = at; !cycle.includes(walk); walk = best.get(walk) as number) cycle.push(walk)
    found.set(Math.min(...cycle), cycle)
  }
  return [...found.values()]
}

/** Members that nobody's list skips: never strictly between two adjacent entries of a list with its owner before it. */
export function principals(members: readonly Member[]): number[] {
  return members
    .map(({ id }) => id)
    .filter((id) => members.every((member) => !skips([member.id, ...member.successors], id)))
}

function skips(list: readonly number[], id: number): boolean {
  return list.slice(1).some((entry, i) => {
    const before = list[i] as number
    // A list may come round to its owner: from there on it is known already.
    return before !== entry && between(before, id, entry)
  })
}

/** The invariant that she proved by induction; all others follow from it. */
export function inductiveViolations(members: readonly Member[], r: number): string[] {
  const best = bestSuccessors(members)
  const violations: string[] = []
  for (const [id, successor] of best) if (successor === undefined) violations.push(`${id} has no live successor`)
  if (principals(members).length < r + 1) violations.push(`fewer than ${r + 1} principals`)
  return violations
}

/** The properties of a ring that a lookup relies on; each named as in the paper. */
export function ringViolations(members: readonly Member[]): string[] {
  const violations: string[] = []
  const rings = cycles(members)
  const [ring] = rings
  if (ring === undefined) return ['no AtLeastOneRing']
  if (rings.length > 1) violations.push('no AtMostOneRing')
  if (!isOrdered(ring)) violations.push('no OrderedRing')
  const onRing = new Set(rings.flat())
  if (members.some(({ id }) => !reaches(id, onRing, members))) violations.push('no ConnectedAppendages')
  if (members.some(({ id, successors }) => !isOrderedList([id, ...successors]))) {
    violations.push('no OrderedSuccessorLists')
  }
  return violations
}

/** Going once along the cycle goes once round the identifiers. */
function isOrdered(ring: readonly number[]): boolean {
  const descents = ring.filter((id, i) => (ring[(i + 1) % ring.length] as number) <= id)
  return descents.length === 1
}

function reaches(id: number, ring: ReadonlySet<number>, members: readonly Member[]): boolean {
  const best = bestSuccessors(members)
  let at: number | undefined = id
  for (let steps = 0; steps <= members.length && at !== undefined; steps++) {
    if (ring.has(at)) return true
    at = best.get(at)
  }
  return false
}

function isOrderedList(list: readonly number[]): boolean {
  for (let i = 0; i + 2 < list.length; i++) {
    const [a, b, c] = [list[i] as number, list[i + 1] as number, list[i + 2] as number]
    if (!between(a, b, c)) return false
  }
  return true
}
