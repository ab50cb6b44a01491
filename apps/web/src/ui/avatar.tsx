import { avatarPattern } from './avatar-pattern.ts'

/** Middle radius of each ring, in the units of a 64 x 64 view. */
const RADII = [17.5, 25.5]
/** Left free at both ends of an arc, in radians at the outer ring. */
const GAP = 0.1

/** The seal of a peer. Decoration: its name always stands beside it. */
export function Avatar({ id, size = 28 }: { id: string; size?: number }) {
  return (
    <svg class="avatar" viewBox="0 0 64 64" width={size} height={size} aria-hidden="true">
      <AvatarMarks id={id} />
    </svg>
  )
}

/** The seal within another picture: a 64 x 64 square. */
export function AvatarMarks({ id }: { id: string }) {
  const { groundHue, coreHue, markHue, isDeep, rings } = avatarPattern(id)
  const mark = `oklch(90% 0.08 ${markHue})`
  return (
    <g>
      <circle cx="32" cy="32" r="32" fill={`oklch(${isDeep ? 34 : 52}% 0.13 ${groundHue})`} />
      <circle cx="32" cy="32" r="10" fill={`oklch(80% 0.15 ${coreHue})`} />
      {rings.flatMap((arcs, ring) =>
        arcs.map(([first, length]) => (
          <path
            key={`${ring}-${first}`}
            d={arc(RADII[ring] ?? 0, first, length)}
            fill="none"
            stroke={mark}
            stroke-width="5.2"
            stroke-linecap="butt"
          />
        ))
      )}
    </g>
  )
}

function arc(radius: number, first: number, length: number): string {
  if (length === 12) return `M32 ${32 - radius}a${radius} ${radius} 0 1 1 -0.01 0Z`
  const gap = (GAP * 24) / radius / 2
  const [x0, y0] = point(radius, (first * Math.PI) / 6 + gap)
  const [x1, y1] = point(radius, ((first + length) * Math.PI) / 6 - gap)
  return `M${x0} ${y0}A${radius} ${radius} 0 ${length > 6 ? 1 : 0} 1 ${x1} ${y1}`
}

function point(radius: number, angle: number): [x: string, y: string] {
  return [(32 + radius * Math.sin(angle)).toFixed(2), (32 - radius * Math.cos(angle)).toFixed(2)]
}
