/** How far ours may be from the paper's. */
export type Tolerance =
  /** Either way, in the unit of the value. */
  | { readonly within: number }
  /** Either way, as a part of the paper's value. */
  | { readonly part: number }
  /** Up or down by this factor. */
  | { readonly factor: number }
  /** Fewer are no fault, more by no more than this factor. */
  | { readonly timesAtMost: number }
  /** The paper's value is a bound. */
  | 'at most'
  | 'at least'

/** One value of a figure: the paper's and ours. */
export interface FigureRow {
  /** What it is a value of: `1,000 nodes`. */
  readonly what: string
  readonly paper: number
  readonly ours: number
  readonly tolerance: Tolerance
}

/** A figure or table of a paper, and how to make ours. */
export interface PaperFigure {
  /** Short, for the command line: `pastry-hops`. */
  readonly name: string
  /** `Pastry, Figure 4: hops by number of nodes`. */
  readonly title: string
  /** The paper, and where the numbers come from: printed, or read off a drawing. */
  readonly source: string
  /** How ours is set up, and what is different. */
  readonly setup: string
  /**
   * Runs it. Some take minutes.
   *
   * @param isQuick - fewer nodes and lookups, for a look: then rows may be missing and tolerances missed
   */
  rows(isQuick: boolean): FigureRow[]
}

/** Whether ours is near enough to the paper's. */
export function isNear({ paper, ours, tolerance }: FigureRow): boolean {
  if (tolerance === 'at most') return ours <= paper
  if (tolerance === 'at least') return ours >= paper
  if ('within' in tolerance) return Math.abs(ours - paper) <= tolerance.within
  if ('part' in tolerance) return Math.abs(ours - paper) <= tolerance.part * Math.abs(paper)
  if ('timesAtMost' in tolerance) return ours <= paper * tolerance.timesAtMost
  return ours <= paper * tolerance.factor && ours >= paper / tolerance.factor
}

/** A tolerance in words. */
export function toleranceText(tolerance: Tolerance): string {
  if (typeof tolerance === 'string') return tolerance
  if ('within' in tolerance) return `± ${tolerance.within}`
  if ('part' in tolerance) return `± ${+(100 * tolerance.part).toFixed(1)} %`
  if ('timesAtMost' in tolerance) return `at most ${tolerance.timesAtMost} times as many`
  return `factor ${tolerance.factor}`
}
