/**
 * What the page may do. Sent twice: by the bootstrap node as a header, and in the page itself, for hosts that send none.
 *
 * `http:` and `ws:` to anywhere, because a peer may be pointed at any bootstrap node, whose `/servent.json` is fetched and whose WebSocket is
 * dialed. WebAssembly, because hashing is done in it. The one Trusted Types policy stands in `src/trusted-types.ts`.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self' ws: wss: http: https:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ')
