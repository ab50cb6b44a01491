import { type Host, type Machine, type Peer, type Protocol, ProtocolError } from '@servent/machine'
import { lengthPrefixed } from '@servent/wire'

/** A note is kept when a bulk has to go. */
export interface Note {
  readonly type: 'Note' | 'Bulk'
  readonly body: Uint8Array
}

export type NoteEvent = { readonly type: 'note-received'; readonly from: Peer; readonly text: string }

/** Longest frame of the protocol, in bytes. */
const NOTE_BYTES_MAX = 16 << 10

/** Remembers who came and went, and tells what it reads. */
export class NoteTaker implements Machine<Note> {
  readonly host: Host<Note, NoteEvent>
  readonly calls: string[] = []
  noteCount = 0

  constructor(host: Host<Note, NoteEvent>) {
    this.host = host
  }

  start(): void {
    this.calls.push('start')
  }

  stop(): void {
    this.calls.push('stop')
  }

  onMessage(from: Peer, { type, body }: Note): void {
    this.noteCount++
    const text = new TextDecoder().decode(body)
    if (text === 'fault') throw new Error('a bug of the machine')
    if (text === 'ping') this.write(from, 'pong')
    if (type === 'Note') this.host.emit({ type: 'note-received', from, text })
  }

  onTimer(): void {
    this.calls.push('timer')
  }

  onPeerConnected(peer: Peer): void {
    this.calls.push(`+${peer}`)
  }

  onPeerDisconnected(peer: Peer): void {
    this.calls.push(`-${peer}`)
  }

  write(to: Peer, text: string): void {
    this.host.send(to, { type: 'Note', body: new TextEncoder().encode(text) })
  }

  bulk(to: Peer, byteCount: number): void {
    this.host.send(to, { type: 'Bulk', body: new Uint8Array(byteCount) })
  }
}

const TYPES = ['Note', 'Bulk'] as const

/** One byte for the type, then the body. The type 7 makes the codec fail as a bug would. */
export const notes: Protocol<Note, NoteEvent, Record<string, never>, NoteTaker> = {
  id: '/servent/notes/1.0.0',
  framing: lengthPrefixed(NOTE_BYTES_MAX),
  codec: {
    encode: ({ type, body }) => Uint8Array.of(TYPES.indexOf(type), ...body),
    decode(bytes) {
      if (bytes[0] === 7) throw new TypeError('a bug of the codec')
      const type = TYPES[bytes[0] ?? -1]
      if (type === undefined) throw new ProtocolError('bad-note')
      return { type, body: bytes.subarray(1) }
    },
    size: ({ body }) => 1 + body.length,
  },
  defaults: {},
  create: (host) => new NoteTaker(host),
}

/** A note as it goes onto the stream. */
export function framedNote(text: string): Uint8Array {
  return notes.framing.frame(Uint8Array.of(0, ...new TextEncoder().encode(text)))
}
