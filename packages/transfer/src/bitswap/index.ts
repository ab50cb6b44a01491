/**
 * Gives blocks of what is shared by Bitswap 1.2.0. An entry of its own, so that a page may load it late.
 *
 * @packageDocumentation
 */

export { BITSWAP_PROTOCOL, type BitswapNode, type BitswapRefusal, BitswapServer } from './bitswap-server.ts'
export { type BitswapLimits, defaultBitswapLimits } from './limits.ts'
