/** Segments of each ring. */
const SEGMENTS = 12
/** Rings, from the inside out. */
const RINGS = 2

/** What an avatar looks like. */
export interface AvatarPattern {
  /** Degrees on the OKLCH color wheel, where equal steps look equal, of the ground, the core, and the marks around it. */
  readonly groundHue: number
  readonly coreHue: number
  readonly markHue: number
  /** Whether the ground is the darker of its two shades. */
  readonly isDeep: boolean
  /** For each ring the segments that are drawn, as [first, length]; segments run clockwise from the top. */
  readonly rings: readonly (readonly (readonly [first: number, length: number])[])[]
}

/**
 * A seal made from a PeerId: a core, and around it two rings of twelve segments, the left half mirroring the right. At a glance it is the
 * colors that tell two apart, so there are three of them. Whoever wants another seal needs another key.
 */
export function avatarPattern(peerId: string): AvatarPattern {
  const next = stream(peerId)
  const groundHue = next() % 360
  const coreHue = (groundHue + 60 + (next() % 240)) % 360
  const markHue = (groundHue + 110 + (next() % 140)) % 360
  const isDeep = next() % 2 === 0
  const rings: [number, number][][] = []
  for (let ring = 0; ring < RINGS; ring++) {
    const half = next() % (1 << (SEGMENTS / 2))
    rings.push(runs(mirrored(half === 0 ? 0b100101 : half)))
  }
  return { groundHue, coreHue, markHue, isDeep, rings }
}

function mirrored(half: number): boolean[] {
  return Array.from({ length: SEGMENTS }, (_, i) => ((half >> (i < SEGMENTS / 2 ? i : SEGMENTS - 1 - i)) & 1) === 1)
}

/** Neighboring segments become one arc. */
function runs(drawn: readonly boolean[]): [number, number][] {
  const gap = drawn.indexOf(false)
  if (gap === -1) return [[0, SEGMENTS]]
  const found: [number, number][] = []
  for (let i = 1; i <= SEGMENTS; i++) {
    const segment = (gap + i) % SEGMENTS
    if (!drawn[segment]) continue
    const last = found.at(-1)
    if (last !== undefined && (last[0] + last[1]) % SEGMENTS === segment) last[1]++
    else found.push([segment, 1])
  }
  return found
}

/** 32-bit words from a text: FNV-1a, then Mulberry32. Not for secrets. */
function stream(text: string): () => number {
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return (word ^ (word >>> 14)) >>> 0
  }
}
