import type { Peer, Random } from '@servent/machine'
import type { ChooseEntry, IdealTables } from '@servent/pastry'

/** Groups of fewer nodes are looked through one by one. */
const GRID_MIN = 32
/** Nodes in a cell of a grid, on average. */
const NODES_PER_CELL = 2

/** Side of the square that nodes lie on, from the paper on Pastry (§3.1). */
const SIDE = 1000

/** Nodes on a square at random: the proximity metric of the paper on Pastry is the distance of their points. */
export class Plane {
  readonly #places: Float64Array

  constructor(nodes: number, random: Random) {
    this.#places = new Float64Array(2 * nodes).map(() => SIDE * random())
  }

  x(node: Peer): number {
    return this.#places[2 * (node as number)] as number
  }

  y(node: Peer): number {
    return this.#places[2 * (node as number) + 1] as number
  }

  distance(a: Peer, b: Peer): number {
    return Math.hypot(this.x(a) - this.x(b), this.y(a) - this.y(b))
  }

  /** Of the nodes that fit an entry of a routing table, the nearest. */
  nearestEntry(tables: IdealTables): ChooseEntry {
    // Groups repeat from node to node: those of one row, for all that share its prefix.
    const grids = new Map<number, Grid>()
    return (self, start, end) => {
      if (end - start < GRID_MIN) return this.#nearestOf(self, tables, start, end)
      const name = start * tables.sorted.length + end
      let grid = grids.get(name)
      if (grid === undefined) {
        grid = new Grid(this, tables.sorted, start, end)
        grids.set(name, grid)
      }
      return grid.nearest(this.x(self), this.y(self))
    }
  }

  #nearestOf(self: Peer, tables: IdealTables, start: number, end: number): number {
    let best = start
    for (let place = start + 1; place < end; place++) {
      const isNearer =
        this.distance(self, tables.sorted[place] as Peer) < this.distance(self, tables.sorted[best] as Peer)
      if (isNearer) best = place
    }
    return best
  }
}

/** Some nodes of a plane by cells, so that the nearest is found without looking at all. */
class Grid {
  readonly #plane: Plane
  readonly #sorted: readonly Peer[]
  readonly #cellsPerSide: number
  readonly #cellSide: number
  /** Places of nodes, those of one cell side by side, and where each cell begins. */
  readonly #places: Int32Array
  readonly #starts: Int32Array

  constructor(plane: Plane, sorted: readonly Peer[], start: number, end: number) {
    this.#plane = plane
    this.#sorted = sorted
    this.#cellsPerSide = Math.max(1, Math.floor(Math.sqrt((end - start) / NODES_PER_CELL)))
    this.#cellSide = SIDE / this.#cellsPerSide
    const cellOf = (place: number) => {
      const node = sorted[place] as Peer
      return this.#column(plane.y(node)) * this.#cellsPerSide + this.#column(plane.x(node))
    }
    this.#starts = new Int32Array(this.#cellsPerSide ** 2 + 1)
    for (let place = start; place < end; place++) {
      const next = cellOf(place) + 1
      this.#starts[next] = (this.#starts[next] as number) + 1
    }
    for (let i = 1; i < this.#starts.length; i++) {
      this.#starts[i] = (this.#starts[i] as number) + (this.#starts[i - 1] as number)
    }
    const free = this.#starts.slice()
    this.#places = new Int32Array(end - start)
    for (let place = start; place < end; place++) {
      const cell = cellOf(place)
      this.#places[free[cell] as number] = place
      free[cell] = (free[cell] as number) + 1
    }
  }

  /** The place of the node nearest to a point: cells are looked at in squares that grow around it. */
  nearest(x: number, y: number): number {
    const [column, row] = [this.#column(x), this.#column(y)]
    let best = -1
    let bestDistance = Number.POSITIVE_INFINITY
    for (let ring = 0; ring <= this.#cellsPerSide; ring++) {
      // Whoever lies beyond is at least so far away.
      if (best >= 0 && bestDistance <= (ring - 1) * this.#cellSide) break
      for (const cell of this.#ringOf(column, row, ring)) {
        for (let i = this.#starts[cell] as number; i < (this.#starts[cell + 1] as number); i++) {
          const place = this.#places[i] as number
          const node = this.#sorted[place] as Peer
          const distance = Math.hypot(this.#plane.x(node) - x, this.#plane.y(node) - y)
          if (distance >= bestDistance) continue
          best = place
          bestDistance = distance
        }
      }
    }
    return best
  }

  /** The cells at the edge of a square around one. */
  #ringOf(column: number, row: number, ring: number): number[] {
    const cells: number[] = []
    const add = (atColumn: number, atRow: number) => {
      const isInside = Math.min(atColumn, atRow) >= 0 && Math.max(atColumn, atRow) < this.#cellsPerSide
      if (isInside) cells.push(atRow * this.#cellsPerSide + atColumn)
    }
    for (let i = -ring; i <= ring; i++) {
      add(column + i, row - ring)
      if (ring > 0) add(column + i, row + ring)
    }
    for (let i = 1 - ring; i < ring; i++) {
      add(column - ring, row + i)
      add(column + ring, row + i)
    }
    return cells
  }

  #column(coordinate: number): number {
    return Math.min(this.#cellsPerSide - 1, Math.floor(coordinate / this.#cellSide))
  }
}
