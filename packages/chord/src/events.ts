import type { StructuredEvent } from '@servent/records'

/** What a node tells the application: what every structured overlay does. */
export type ChordEvent = StructuredEvent
