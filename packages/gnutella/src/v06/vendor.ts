import { VENDOR_MESSAGES } from '../codec/link.ts'
import type { MessagesSupported, VendorMessageKind } from '../messages.ts'

/** Vendor messages that a neighbor may understand, a bit each. */
export const HOPS_FLOW = 1
export const LEAF_GUIDANCE = 2
export const PUSH_PROXY = 4

/** What we understand, as we tell it. */
export const SUPPORTED: readonly VendorMessageKind[] = [
  VENDOR_MESSAGES.HopsFlow,
  VENDOR_MESSAGES.QueryStatusRequest,
  VENDOR_MESSAGES.QueryStatusResponse,
  VENDOR_MESSAGES.PushProxyRequest,
  VENDOR_MESSAGES.PushProxyAck,
]

/** What a neighbor understands of what we may send: the bits. */
export function vendorMessagesOf({ supported }: MessagesSupported): number {
  let bits = 0
  if (includes(supported, VENDOR_MESSAGES.HopsFlow)) bits |= HOPS_FLOW
  if (includes(supported, VENDOR_MESSAGES.QueryStatusRequest)) bits |= LEAF_GUIDANCE
  if (includes(supported, VENDOR_MESSAGES.PushProxyRequest)) bits |= PUSH_PROXY
  return bits
}

function includes(supported: readonly VendorMessageKind[], kind: VendorMessageKind): boolean {
  return supported.some(
    ({ vendor, selector, version }) => vendor === kind.vendor && selector === kind.selector && version >= kind.version
  )
}
