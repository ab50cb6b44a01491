import type { Random } from '@servent/machine'
import type { HybridConfig } from './config.ts'
import type { Hello } from './hello.ts'
import { LEAF, type LinkKind, PLAIN, ULTRAPEER } from './link.ts'

export type Role = 'leaf' | 'ultrapeer'

/** Where a servent stands when a decision about its role is due. */
export interface Standing {
  readonly isUltrapeer: boolean
  /** Neighbors of each kind, those that have been promised a place among them. */
  readonly ultrapeerCount: number
  readonly leafCount: number
  readonly plainCount: number
}

/** Someone may be our neighbor. */
export interface Admission {
  /** What it is to us then. */
  readonly kind: LinkKind
  /** Whether we have to become an ultrapeer for it. */
  readonly isPromoting: boolean
  /** What we tell an ultrapeer: that it may as well be a leaf. Undefined for the others. */
  readonly isUltrapeerNeeded: boolean | undefined
}

/** The role to begin with. */
export function firstRole({ role, capacity }: Readonly<HybridConfig>): Role {
  if (role !== 'auto') return role
  return capacity >= 1 ? 'ultrapeer' : 'leaf'
}

export function canBecomeUltrapeer({ role, capacity }: Readonly<HybridConfig>): boolean {
  return role === 'auto' && capacity > 0
}

export function canBecomeLeaf({ role, capacity }: Readonly<HybridConfig>): boolean {
  return role === 'auto' && capacity < 1
}

/**
 * Whether someone who asks may be our neighbor, and as what. A text says why not: the words of a 503.
 *
 * A leaf takes ultrapeers that ask, up to as many as it wants. A leaf that is asked by another while neither has an
 * ultrapeer becomes one: that is how tabs that are alone form a network.
 */
export function admit(hello: Hello, standing: Standing, config: Readonly<HybridConfig>): Admission | string {
  if (!standing.isUltrapeer) return admitToLeaf(hello, standing, config)
  if (hello.isUltrapeer === undefined) {
    return standing.plainCount < config.plainSlots ? admission(PLAIN) : 'No room for servents without roles'
  }
  if (!hello.isUltrapeer) return standing.leafCount < config.leafSlots ? admission(LEAF) : 'No leaf slots'
  if (standing.ultrapeerCount >= config.neighborsMax) return 'No ultrapeer slots'
  return { ...admission(ULTRAPEER), isUltrapeerNeeded: standing.leafCount >= config.leafSlots / 2 }
}

function admitToLeaf(hello: Hello, standing: Standing, config: Readonly<HybridConfig>): Admission | string {
  if (hello.isUltrapeer === true) {
    return standing.ultrapeerCount < config.leafUltrapeers ? admission(ULTRAPEER) : 'Shielded leaf'
  }
  if (standing.ultrapeerCount > 0 || !canBecomeUltrapeer(config)) return 'Shielded leaf'
  return { ...admission(hello.isUltrapeer === false ? LEAF : PLAIN), isPromoting: true }
}

function admission(kind: LinkKind): Admission {
  return { kind, isPromoting: false, isUltrapeerNeeded: undefined }
}

/**
 * How long a leaf without an ultrapeer waits before it becomes one, in milliseconds: the shorter the more it can carry and
 * the longer it has been there, and not the same for two that were left alone at once.
 */
export function promotionDelay(config: Readonly<HybridConfig>, uptimeMs: number, random: Random): number {
  const { promotionDelayMs, capacity, uptimeFullMs } = config
  const standing = uptimeFullMs === 0 ? 1 : Math.min(uptimeMs / uptimeFullMs, 1)
  const fitness = capacity * (0.75 + 0.25 * standing)
  return Math.floor(promotionDelayMs * (1.375 - fitness) * (0.5 + random()))
}

/** How long an ultrapeer that nobody needs stays one, in milliseconds: long, so that roles do not flap, and not all the same. */
export function stepDownDelay({ stepDownDelayMs }: Readonly<HybridConfig>, random: Random): number {
  return Math.floor(stepDownDelayMs * (1 + random()))
}
