import { lengthPrefixed } from '@servent/wire'

/** Ours: 192 peers in a State, each with as many addresses as it may have, and room to spare. */
export const FRAME_BYTES_MAX = 256 * 1024

/** A varint with the length, then the message. */
export const framing = lengthPrefixed(FRAME_BYTES_MAX)
