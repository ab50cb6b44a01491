/** Kinds of timers, and what their number means. */
export const TIMER_HOP = 1 // the id of a routed message
export const TIMER_REQUEST = 2 // the id of a request of ours
export const TIMER_JOIN = 3 // the number of the attempt
export const TIMER_SECOND_STAGE = 4
export const TIMER_PROBE = 5 // the nonce
export const TIMER_LEAF_SET = 6
export const TIMER_TABLE = 7
export const TIMER_MEET = 8
export const TIMER_ROUND = 9 // the id of a round of stores or fetches
export const TIMER_REPLICATE = 10
export const TIMER_REPUBLISH = 11
