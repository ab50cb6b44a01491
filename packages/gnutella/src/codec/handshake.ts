import { type Peer, type PeerCodec, ProtocolError } from '@servent/machine'
import { base32Decode, base32Encode, utf8Decode, utf8Encode, utf8Size } from '@servent/wire'
import type { ConnectResponse, Handshake, Headers } from '../messages.ts'

/*
 * 0.4   request   GNUTELLA CONNECT/0.4 LF LF              answer   GNUTELLA OK LF LF
 *
 * 0.6   request   GNUTELLA CONNECT/0.6, header fields      answer   GNUTELLA/0.6 200 OK, header fields
 *       last      GNUTELLA/0.6 200 OK, header fields
 *
 *       Each line ends in CR LF, each group in an empty line. A field is `Name: value`; a line that begins with a blank
 *       goes on with the value before it; fields of one name are one list, joined by commas.
 */

/** The handshake of 0.4, never with a carriage return. */
export const CONNECT_TEXT = 'GNUTELLA CONNECT/0.4\n\n'
export const OK_TEXT = 'GNUTELLA OK\n\n'

/** Begins every text of every version. */
export const HANDSHAKE_START = 'GNUTELLA'

const REQUEST_LINE = 'GNUTELLA CONNECT/0.6'
const STATUS_START = 'GNUTELLA/0.6'

/** Bytes of one group. Ours: hosts to try take 12 KB at the most, a genuine group takes 1 KB. */
export const HANDSHAKE_BYTES_MAX = 16_384
/** Fields of one group. Ours: a genuine one has 20. */
export const HEADERS_MAX = 64
/** Hosts named by a refusal. From LimeWire. */
const TRY_ULTRAPEERS_MAX = 10
/** Ours: what they take of a group. */
const TRY_CHARS_MAX = 12_288
/** Ours: a reason is a few words. */
const REASON_MAX = 128

const TRY_ULTRAPEERS = 'x-try-ultrapeers'

/** Names that are not written with one capital a word. */
const SPELLED: Readonly<Record<string, string>> = {
  ggep: 'GGEP',
  guid: 'GUID',
  'remote-ip': 'Remote-IP',
  'listen-ip': 'Listen-IP',
  'x-max-ttl': 'X-Max-TTL',
}

const NONE: readonly Peer[] = []

export function isHandshake(message: { readonly type: string }): message is Handshake {
  const { type } = message
  return type === 'ConnectRequest' || type === 'ConnectResponse' || type === 'Connect' || type === 'Ok'
}

/** Bytes of a handshake's text. */
export function handshakeSize(message: Handshake, peers: PeerCodec): number {
  return utf8Size(handshakeText(message, peers))
}

export function encodeHandshake(message: Handshake, peers: PeerCodec): Uint8Array {
  return utf8Encode(handshakeText(message, peers))
}

function handshakeText(message: Handshake, peers: PeerCodec): string {
  switch (message.type) {
    case 'Connect':
      return CONNECT_TEXT
    case 'Ok':
      return OK_TEXT
    case 'ConnectRequest':
      return `${REQUEST_LINE}\r\n${fields(message.headers)}\r\n`
    case 'ConnectResponse': {
      const tries = tryList(message.tryUltrapeers, peers)
      const tryField = tries === '' ? '' : field(TRY_ULTRAPEERS, tries)
      const status = `${STATUS_START} ${message.code} ${oneLine(message.reason).slice(0, REASON_MAX)}`.trimEnd()
      return `${status}\r\n${fields(message.headers)}${tryField}\r\n`
    }
  }
}

/** As many as there is room for: a peer with four addresses that hold certificates takes a kilobyte and more. */
function tryList(tryUltrapeers: readonly Peer[], peers: PeerCodec): string {
  let list = ''
  for (const peer of tryUltrapeers.slice(0, TRY_ULTRAPEERS_MAX)) {
    const named = base32Encode(peers.encode(peer)).toUpperCase()
    if (list.length + 1 + named.length > TRY_CHARS_MAX) continue
    list += list === '' ? named : `,${named}`
  }
  return list
}

function fields(headers: Headers): string {
  let text = ''
  for (const [name, value] of headers) text += field(name, value)
  return text
}

function field(name: string, value: string): string {
  const spelled = SPELLED[name] ?? name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase())
  return `${spelled}: ${oneLine(value)}\r\n`
}

/** Without what would end a line: a value of ours cannot become a field of its own. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}

/**
 * Reads one group.
 *
 * @throws ProtocolError `bad-handshake` for a text that is none, `too-large` for more than `HANDSHAKE_BYTES_MAX` bytes or
 * `HEADERS_MAX` fields
 */
export function decodeHandshake(bytes: Uint8Array, peers: PeerCodec): Handshake {
  if (bytes.length > HANDSHAKE_BYTES_MAX) throw new ProtocolError('too-large', 'handshake')
  const text = utf8Decode(bytes)
  if (text === CONNECT_TEXT) return { type: 'Connect' }
  if (text === OK_TEXT) return { type: 'Ok' }
  // Both ends of line may appear in one text, as real servents take both.
  const lines = text.split(/\r?\n/)
  if (lines.length < 3 || lines.pop() !== '' || lines.pop() !== '') throw new ProtocolError('bad-handshake')
  const [first = '', ...rest] = lines
  const headers = readFields(rest)
  return isRequestLine(first) ? { type: 'ConnectRequest', headers } : readResponse(first, headers, peers)
}

/** `GNUTELLA CONNECT/0.6`, or a later version, which is answered as 0.6. */
function isRequestLine(line: string): boolean {
  const [, major, minor] = /^GNUTELLA CONNECT\/(\d{1,2})\.(\d{1,2})$/.exec(line) ?? []
  return major !== undefined && (Number(major) > 0 || Number(minor) >= 6)
}

function readResponse(line: string, headers: Map<string, string>, peers: PeerCodec): ConnectResponse {
  const [, code, reason = ''] = /^GNUTELLA\/0\.\d ([1-9]\d\d)(?: (.*))?$/.exec(line) ?? []
  if (code === undefined) throw new ProtocolError('bad-handshake')
  const tries = headers.get(TRY_ULTRAPEERS)
  headers.delete(TRY_ULTRAPEERS)
  return {
    type: 'ConnectResponse',
    code: Number(code),
    reason: reason.slice(0, REASON_MAX).trim(),
    headers,
    tryUltrapeers: tries === undefined ? NONE : readPeers(tries, peers),
  }
}

function readFields(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  let last: string | undefined
  for (const line of lines) {
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (last === undefined) throw new ProtocolError('bad-handshake', 'continued before the first field')
      headers.set(last, `${headers.get(last)} ${fieldValue(line)}`.trim())
      continue
    }
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trimEnd().toLowerCase()
    if (colon < 1 || !/^[a-z0-9_.-]{1,64}$/.test(name))
      throw new ProtocolError('bad-handshake', 'a line that is no field')
    const value = fieldValue(line.slice(colon + 1))
    const before = headers.get(name)
    if (before === undefined && headers.size >= HEADERS_MAX) throw new ProtocolError('too-large', 'header fields')
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
    last = name
  }
  return headers
}

/** @throws ProtocolError for control characters, which no value has */
function fieldValue(text: string): string {
  const value = text.replaceAll('\t', ' ').trim()
  if (/\p{Cc}/u.test(value)) throw new ProtocolError('bad-handshake', 'a control character')
  return value
}

/** Peers of a list. What we cannot read, such as the addresses of genuine servents, is passed over. */
function readPeers(list: string, peers: PeerCodec): readonly Peer[] {
  const read: Peer[] = []
  for (const part of list.split(',', 4 * TRY_ULTRAPEERS_MAX)) {
    const bytes = base32Decode(part.trim())
    if (bytes === undefined || bytes.length === 0) continue
    const peer = tryPeer(bytes, peers)
    if (peer !== undefined && read.push(peer) === TRY_ULTRAPEERS_MAX) break
  }
  return read
}

function tryPeer(bytes: Uint8Array, peers: PeerCodec): Peer | undefined {
  try {
    return peers.decode(bytes)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
