// Sessions captured from OpenNap 0.36, said again to our server. A nick stands for the one of its peer, and where OpenNap has an
// IPv4 address we have 0 and, behind the other fields, the peer.
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost, testKeyOf, testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import { IndexServer, type Message, type NapsterConfig, type NapsterEvent, napster, nickOf } from '../src/index.ts'

const PEERS: Readonly<Record<string, Peer>> = { alice: toPeer(1), bob: toPeer(2), carol: toPeer(3) }
const ZEROS = '0'.repeat(32)

/** What a session consists of: who says it or hears it, the type, the data. */
type Line = readonly [who: string, code: number, data: string]

function withNicks(data: string): string {
  return Object.entries(PEERS).reduce((text, [name, peer]) => text.replaceAll(name, nickOf(testKeyOf(peer))), data)
}

function withNames(data: string): string {
  return Object.entries(PEERS).reduce((text, [name, peer]) => text.replaceAll(nickOf(testKeyOf(peer)), name), data)
}

class Rig {
  readonly host = new RecordingHost<Message, NapsterEvent>(toPeer(0))
  readonly server: IndexServer
  readonly #hungUp: string[] = []

  constructor(config: Partial<NapsterConfig> = {}) {
    this.server = new IndexServer(this.host, { ...napster.defaults, isIndex: true, ...config })
    this.server.start()
    for (const peer of Object.values(PEERS)) this.server.onPeerConnected(peer)
    this.host.take()
  }

  /** Whom the server has sent away. */
  get hungUp(): readonly string[] {
    return this.#hungUp
  }

  /** Says a command to the server, byte for byte, and gives what it sends. */
  say(who: string, code: number, data: string): Line[] {
    const bytes = Buffer.from(withNicks(data))
    const frame = Uint8Array.from([bytes.length & 0xff, bytes.length >> 8, code & 0xff, code >> 8, ...bytes])
    this.server.onMessage(PEERS[who] as Peer, napster.codec.decode(frame, testPeerCodec))
    return this.heard()
  }

  heard(): Line[] {
    const lines: Line[] = []
    const nameOf = (peer: Peer) => Object.keys(PEERS).find((name) => PEERS[name] === peer) ?? ''
    for (const effect of this.host.take()) {
      if (effect.effect === 'disconnect') this.#hungUp.push(nameOf(effect.peer))
      if (effect.effect !== 'send') continue
      const frame = Buffer.from(napster.codec.encode(effect.message, testPeerCodec))
      const data = withNames(frame.subarray(4).toString()).replaceAll(/ (peer|cid|urn):\S+/g, '')
      lines.push([nameOf(effect.to), frame.readUInt16LE(2), data])
    }
    return lines
  }

  logIn(who: string, port = 6699, link = 3): Line[] {
    return this.say(who, 2, `${who} secret ${port} "nap v0.8" ${link}`)
  }
}

describe('a session with OpenNap', () => {
  it('begins with a login', () => {
    const rig = new Rig({ messageOfTheDay: ['VERSION opennap 0.36', ''] })
    expect(rig.say('alice', 7, 'alice')).toEqual([['alice', 8, '']])
    expect(rig.logIn('alice')).toEqual([
      ['alice', 3, 'anon@localhost'],
      ['alice', 621, 'VERSION opennap 0.36'],
      ['alice', 621, ''],
      // OpenNap counts once in a while, and says `0 0 0` here.
      ['alice', 214, '1 0 0'],
    ])
  })

  it('goes on with shares and searches', () => {
    const rig = new Rig()
    rig.logIn('alice')
    rig.logIn('bob', 0, 7)
    const md5 = 'b92870e0d41bc8e698cf2f0a1ddfeac7'
    expect(rig.say('alice', 100, `"generic band - generic song.mp3" ${md5} 443332 128 44100 60`)).toEqual([])
    const folder = `"C:\\MP3\\dir\\" "one zulu.mp3" ${md5} 1000 128 44100 10 "two zulu.mp3" ${md5} 2000 192 44100 20`
    expect(rig.say('alice', 870, folder)).toEqual([])
    rig.say('alice', 100, `"C:\\MP3\\Sneaker Pimps - Tesko Suicide.mp3" ${md5} 2558199 128 44100 159`)
    expect(rig.say('bob', 200, 'FILENAME CONTAINS "sneaker pimps" MAX_RESULTS 75')).toEqual([
      ['bob', 201, `"C:\\MP3\\Sneaker Pimps - Tesko Suicide.mp3" ${ZEROS} 2558199 128 44100 159 alice 0 3`],
      ['bob', 202, ''],
    ])
    expect(rig.say('bob', 200, 'FILENAME CONTAINS generic')).toEqual([
      ['bob', 201, `"generic band - generic song.mp3" ${ZEROS} 443332 128 44100 60 alice 0 3`],
      ['bob', 202, ''],
    ])
    const list = rig.say('bob', 211, 'alice')
    expect(list.slice(0, -1).sort()).toEqual(
      [
        ['bob', 212, `alice "generic band - generic song.mp3" ${ZEROS} 443332 128 44100 60`],
        ['bob', 212, `alice "C:\\MP3\\dir\\one zulu.mp3" ${ZEROS} 1000 128 44100 10`],
        ['bob', 212, `alice "C:\\MP3\\dir\\two zulu.mp3" ${ZEROS} 2000 192 44100 20`],
        ['bob', 212, `alice "C:\\MP3\\Sneaker Pimps - Tesko Suicide.mp3" ${ZEROS} 2558199 128 44100 159`],
      ].sort()
    )
    expect(list.at(-1)).toEqual(['bob', 213, 'alice'])
    rig.host.clock += 21_000
    expect(rig.say('bob', 603, 'alice')).toEqual([['bob', 604, 'alice "User" 21 " " "Active" 4 0 0 3 "nap v0.8"']])
  })

  it('brings together who asks for a file and who has it', () => {
    const rig = new Rig()
    rig.logIn('alice')
    rig.logIn('bob', 0, 7)
    rig.say('alice', 100, `"generic band - generic song.mp3" ${ZEROS} 443332 128 44100 60`)
    expect(rig.say('bob', 203, 'alice "generic band - generic song.mp3"')).toEqual([
      ['alice', 607, 'bob "generic band - generic song.mp3"'],
    ])
    expect(rig.say('alice', 608, 'bob "generic band - generic song.mp3"')).toEqual([
      ['bob', 204, `alice 0 6699 "generic band - generic song.mp3" ${ZEROS} 3`],
    ])
  })

  it('lets the sharer connect out if nobody can connect to it', () => {
    const rig = new Rig()
    rig.logIn('alice')
    rig.logIn('bob', 0, 7)
    rig.say('bob', 100, `"bob tune.mp3" ${ZEROS} 1000 128 44100 60`)
    // The name of a peer is part of another name here: names are replaced in both.
    expect(rig.say('alice', 203, 'bob "bob tune.mp3"')).toEqual([['alice', 204, `bob 0 0 "bob tune.mp3" ${ZEROS} 7`]])
    expect(rig.say('alice', 500, 'bob "bob tune.mp3"')).toEqual([['bob', 607, 'alice "bob tune.mp3"']])
    expect(rig.say('bob', 608, 'alice "bob tune.mp3"')).toEqual([
      ['bob', 501, `alice 0 6699 "bob tune.mp3" ${ZEROS} 3`],
    ])
    rig.say('alice', 100, `"tune.mp3" ${ZEROS} 1000 128 44100 60`)
    expect(rig.say('bob', 500, 'alice "tune.mp3"')).toEqual([['bob', 404, 'alice is not firewalled']])
  })

  it('says who and what is not there', () => {
    const rig = new Rig()
    rig.logIn('alice')
    rig.logIn('bob')
    expect(rig.say('alice', 203, 'nobody "x.mp3"')).toEqual([['alice', 206, 'nobody "x.mp3"']])
    expect(rig.say('alice', 211, 'nobody')).toEqual([
      ['alice', 210, 'nobody'],
      ['alice', 213, 'nobody'],
    ])
    expect(rig.say('alice', 1234, '')).toEqual([['alice', 404, 'Unknown command code 1234']])
    expect(rig.say('alice', 100, 'garbage')).toEqual([['alice', 404, 'parameters are unparsable']])
    expect(rig.say('bob', 751, 'alice')).toEqual([['alice', 751, 'bob']])
    expect(rig.say('alice', 752, 'bob')).toEqual([['bob', 752, 'alice']])
    expect(rig.say('alice', 750, '')).toEqual([['alice', 750, '']])
  })

  it('ends with those who do not know how to begin one', () => {
    const rig = new Rig()
    expect(rig.say('alice', 200, 'FILENAME CONTAINS "a" MAX_RESULTS 5')).toEqual([['alice', 0, 'invalid command']])
    expect(rig.say('bob', 2, 'no;body secret 6699 "nap v0.8" 3')).toEqual([['bob', 10, '']])
    rig.logIn('carol')
    expect(rig.logIn('carol')).toEqual([['carol', 0, 'carol is already active']])
    expect(rig.hungUp).toEqual(['alice', 'bob', 'carol'])
  })
})
