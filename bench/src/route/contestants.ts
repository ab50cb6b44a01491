import type { Contestant } from './contestant.ts'

/** All that are measured beside each other, by the name that the report has for them; read only when asked for. */
export const CONTESTANTS = {
  'gnutella-0.6': async () => (await import('./gnutella.ts')).routing,
  'forwarder-batched': async () => (await import('./forwarder.ts')).batchedForwarder,
  'gnutella-0.4': async () => (await import('./gnutella.ts')).flooding,
  'gossipsub-signed': async () => (await import('./pubsub.ts')).gossipSigned,
  'gossipsub-unsigned': async () => (await import('./pubsub.ts')).gossipUnsigned,
  floodsub: async () => (await import('./pubsub.ts')).flood,
  forwarder: async () => (await import('./forwarder.ts')).forwarder,
} satisfies Record<string, () => Promise<Contestant>>

export type ContestantName = keyof typeof CONTESTANTS
