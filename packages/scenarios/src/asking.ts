import { type Random, randomInt } from '@servent/machine'
import type { Workload } from './workload.ts'

/** How often a node is drawn that does not run before it is given up: with half of them there, never. */
const DRAWS_MAX = 1000

/** A query that is to be asked. */
export interface Question {
  /** The node that asks. */
  readonly asker: number
  readonly file: number
}

/** Nodes that may run or not. */
export interface Running {
  readonly nodes: number
  isUp(node: number): boolean
}

/** The next query: the same from the same stream of random numbers, whatever the overlay. Undefined if hardly any node runs. */
export function drawQuestion(random: Random, workload: Workload, running: Running): Question | undefined {
  const asker = drawNode(random, running)
  const file = workload.draw(random)
  return asker === undefined ? undefined : { asker, file }
}

/** A node that runs, or undefined if hardly any does. */
export function drawNode(random: Random, { nodes, isUp }: Running): number | undefined {
  for (let tries = 0; tries < DRAWS_MAX; tries++) {
    const node = randomInt(random, nodes)
    if (isUp(node)) return node
  }
  return undefined
}

/** How many could answer: nodes that run and have the file, the asker not counted. */
export function countHolders({ asker, file }: Question, workload: Workload, { isUp }: Running): number {
  let count = 0
  for (const node of workload.holdersOf(file)) if (node !== asker && isUp(node)) count++
  return count
}
