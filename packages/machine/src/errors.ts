/**
 * Thrown when bytes from a remote break a protocol: a remote's fault, never ours. Only `decode` and a frame cutter throw
 * it, and only the host catches it: it drops the peer and counts `reason`.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  /** What was broken, as one kebab-case word to count by: `bad-length`, `unknown-type`. Never text from the remote. */
  readonly reason: string

  constructor(reason: string, detail = '') {
    super(detail === '' ? reason : `${reason}: ${detail}`)
    this.reason = reason
  }
}
