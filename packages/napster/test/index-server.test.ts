import { Library } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost, testKeyOf } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import {
  IndexServer,
  type Message,
  type NapsterConfig,
  type NapsterEvent,
  napster,
  nickOf,
  type SharedSong,
} from '../src/index.ts'

const [P1, P2, P3] = [toPeer(1), toPeer(2), toPeer(3)]
const nick = (peer: Peer) => nickOf(testKeyOf(peer))

const song = (name: string): SharedSong => ({
  name,
  md5: '0'.repeat(32),
  size: 2 ** 30,
  bitrate: 128,
  frequency: 44_100,
  seconds: 60,
  cid: undefined,
  sha1: undefined,
})

const search = (words: string, more: Partial<Extract<Message, { type: 'Search' }>> = {}): Message => ({
  type: 'Search',
  words,
  moreWords: undefined,
  maxResults: 100,
  link: undefined,
  bitrate: undefined,
  frequency: undefined,
  cid: undefined,
  sha1: undefined,
  ...more,
})

function rig(config: Partial<NapsterConfig> = {}, peers: readonly Peer[] = [P1, P2, P3]) {
  const host = new RecordingHost<Message, NapsterEvent>(toPeer(0))
  const server = new IndexServer(host, { ...napster.defaults, isIndex: true, ...config })
  server.start()
  let timers: { timer: number; arg: number; at: number }[] = []
  const take = () => {
    const effects = host.take()
    for (const effect of effects) {
      if (effect.effect !== 'setTimer') continue
      timers.push({ timer: effect.timer, arg: effect.arg, at: host.clock + effect.delayMs })
    }
    return effects
  }
  const logIn = (peer: Peer, port = 6699, link = 0): void => {
    server.onPeerConnected(peer)
    const login = { nick: nick(peer), password: 'x', port, client: 'test', link, extra: undefined }
    server.onMessage(peer, { type: 'Login', ...login })
  }
  for (const peer of peers) logIn(peer)
  take()
  return {
    host,
    server,
    logIn,
    /** What the server sends to whom when it is told something. */
    tell(from: Peer, ...messages: Message[]) {
      for (const message of messages) server.onMessage(from, message)
      return take().flatMap((effect) => (effect.effect === 'send' ? [{ to: effect.to, ...effect.message }] : []))
    },
    /** Fires all timers that are due, those that they set too, and gives what the application is told. */
    fire(): NapsterEvent[] {
      const told: NapsterEvent[] = []
      for (;;) {
        for (const effect of take()) if (effect.effect === 'emit') told.push(effect.event)
        const due = timers.filter(({ at }) => at <= host.clock)
        if (due.length === 0) return told
        timers = timers.filter(({ at }) => at > host.clock)
        for (const { timer, arg } of due) server.onTimer(timer, arg)
      }
    },
    take,
  }
}

describe('what a user shares', () => {
  it('is found until the user unshares it, or goes', () => {
    const { server, tell } = rig()
    tell(P1, { type: 'Share', song: song('alpha one') }, { type: 'Share', song: song('alpha two') })
    tell(P2, { type: 'ShareFolder', folder: 'dir\\', songs: [song('alpha three'), song('alpha four')] })
    const names = () =>
      tell(P3, search('alpha')).flatMap((message) => (message.type === 'SearchResult' ? [message.song.name] : []))
    expect(names()).toEqual(['alpha one', 'alpha two', 'dir\\alpha three', 'dir\\alpha four'])
    tell(P1, { type: 'Unshare', name: 'alpha one' })
    expect(names()).toEqual(['alpha two', 'dir\\alpha three', 'dir\\alpha four'])
    tell(P1, { type: 'UnshareAll' })
    expect(names()).toEqual(['dir\\alpha three', 'dir\\alpha four'])
    server.onPeerDisconnected(P2)
    expect(names()).toEqual([])
    expect(server.songCount).toBe(0)
    expect(tell(P1, { type: 'Unshare', name: 'alpha one' })).toEqual([])
    expect(server.drops).toEqual({ 'unknown-song': 1 })
  })

  it('is bounded, for each and for all together, and each is told', () => {
    const { server, tell } = rig({ userSongsMax: 2, songsMax: 3 })
    const three = { type: 'ShareFolder', folder: '', songs: ['a', 'b', 'c'].map(song) } as const
    expect(tell(P1, three)).toEqual([{ to: P1, type: 'Error', text: 'you are sharing 2 files, which is the limit' }])
    expect(tell(P2, three)).toEqual([{ to: P2, type: 'Error', text: 'the index holds 3 files, which is the limit' }])
    expect(server.songCount).toBe(3)
    expect(server.drops).toEqual({ 'user-songs-full': 1, 'index-full': 1 })
  })

  it('has a name that can be written, and each once', () => {
    const { server, tell } = rig()
    tell(P1, { type: 'Share', song: song('') }, { type: 'Share', song: song('a "quote"') })
    tell(P1, { type: 'Share', song: song('é'.repeat(200)) }, { type: 'Share', song: song('a') })
    tell(P1, { type: 'Share', song: song('a') })
    expect(server.songCount).toBe(1)
    expect(server.drops).toEqual({ 'bad-name': 3, 'duplicate-song': 1 })
  })
})

describe('a search', () => {
  it('heeds speed, bit rate and the number of results', () => {
    const { tell, logIn } = rig({ resultsMax: 3 }, [P1, P2])
    logIn(P3, 6699, 9)
    for (const peer of [P1, P2]) tell(peer, { type: 'Share', song: song('alpha one') })
    tell(P3, { type: 'Share', song: { ...song('alpha fast'), bitrate: 320, frequency: 48_000 } })
    const names = (more: Parameters<typeof search>[1]) =>
      tell(P1, search('alpha', more)).flatMap((each) => (each.type === 'SearchResult' ? [each.song.name] : []))
    expect(names({})).toHaveLength(3)
    expect(names({ maxResults: 1 })).toHaveLength(1)
    expect(names({ moreWords: 'fast' })).toEqual(['alpha fast'])
    expect(names({ link: { comparison: 'AT LEAST', value: 9 } })).toEqual(['alpha fast'])
    expect(names({ bitrate: { comparison: 'EQUAL TO', value: 320 } })).toEqual(['alpha fast'])
    expect(names({ frequency: { comparison: 'AT BEST', value: 44_100 } })).toEqual(['alpha one', 'alpha one'])
  })

  it('ends also when it is one too many', () => {
    const { host, server, tell } = rig({ searchBurst: 2, searchIntervalMs: 1000 })
    const types = () => tell(P1, search('alpha')).map(({ type }) => type)
    expect([types(), types(), types()]).toEqual([['SearchEnd'], ['SearchEnd'], ['Error', 'SearchEnd']])
    expect(server.drops).toEqual({ 'search-limit': 1 })
    host.clock += 1000
    expect(types()).toEqual(['SearchEnd'])
  })
})

describe('a request for a file', () => {
  it('fails when its owner does not answer, or goes', () => {
    const { host, server, tell, fire, take } = rig()
    tell(P1, { type: 'Share', song: song('a') }, { type: 'Share', song: song('b') })
    tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'a' })
    expect(server.uploadRequestCount).toBe(1)
    host.clock += napster.defaults.uploadRequestMs
    server.onTimer(1, 0)
    const failed = { effect: 'send', to: P2, message: { type: 'AcceptFailed', nick: nick(P1), name: 'a' } }
    expect(take()).toContainEqual(failed)
    expect(tell(P1, { type: 'AcceptUpload', nick: nick(P2), name: 'a' })).toEqual([])
    expect(server.drops).toEqual({ 'request-expired': 1, 'unknown-request': 1 })
    tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'a' })
    server.onPeerDisconnected(P1)
    expect(take()).toContainEqual(failed)
    expect(server.uploadRequestCount).toBe(0)
    expect(fire()).not.toContainEqual(expect.objectContaining({ type: 'download-refused' }))
  })

  it('is refused when its owner has too many', () => {
    const { server, tell } = rig({ uploadRequestsMax: 1 })
    tell(P1, { type: 'Share', song: song('a') }, { type: 'Share', song: song('b') })
    tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'a' })
    expect(tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'b' })).toMatchObject([{ type: 'AcceptFailed' }])
    expect(tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'a' })).toMatchObject([{ type: 'UploadRequest' }])
    expect(server.drops).toEqual({ 'upload-requests-full': 1 })
  })

  it('comes to nothing when who asked has gone', () => {
    const { server, tell } = rig()
    tell(P1, { type: 'Share', song: song('a') })
    tell(P2, { type: 'DownloadRequest', nick: nick(P1), name: 'a' })
    server.onPeerDisconnected(P2)
    expect(tell(P1, { type: 'AcceptUpload', nick: nick(P2), name: 'a' })).toEqual([])
    expect(server.drops).toEqual({ 'unknown-user': 1 })
  })
})

describe('who floods the server', () => {
  it('is not heard: a thousand messages a second cost those of the others nothing', () => {
    const { server, tell } = rig({ messageBurst: 100 })
    const answers = tell(P1, ...Array.from({ length: 1000 }, (): Message => ({ type: 'PingServer' })))
    // The login was one.
    expect(answers).toHaveLength(99)
    expect(server.drops).toEqual({ 'message-limit': 901 })
    expect(tell(P2, { type: 'PingServer' })).toHaveLength(1)
  })

  it('shares no faster than it may', () => {
    const { host, server, tell } = rig({ songBurst: 10, songIntervalMs: 100 })
    const songs = Array.from({ length: 8 }, (_, i) => song(`song ${i}`))
    tell(P1, { type: 'ShareFolder', folder: 'a\\', songs })
    expect(tell(P1, { type: 'ShareFolder', folder: 'b\\', songs })).toMatchObject([{ type: 'Error' }])
    expect(server.songCount).toBe(8)
    host.clock += 600
    tell(P1, { type: 'ShareFolder', folder: 'b\\', songs })
    expect(server.songCount).toBe(16)
  })

  it('finds no room when there are users enough, and none if it does not log in', () => {
    const { host, server, take, fire } = rig({ usersMax: 3 }, [P1, P2])
    server.onPeerConnected(P3)
    server.onPeerConnected(toPeer(4))
    expect(take().map(({ effect }) => effect)).toEqual(['send', 'disconnect'])
    host.clock += napster.defaults.loginTimeoutMs
    fire()
    expect(server.users).toEqual([P1, P2])
    expect(server.drops).toMatchObject({ 'users-full': 1, 'login-timeout': 1 })
  })
})

describe('whoever runs the server', () => {
  it('uses it like anybody, without a message on the wire', () => {
    const library = new Library()
    library.add({ name: 'demo alpha', size: 5, sha1: undefined, cid: undefined })
    const { server, tell, fire } = rig({ library })
    tell(P1, { type: 'Share', song: song('my alpha') })
    fire()
    expect(server.operator.index).toBe(toPeer(0))
    expect(tell(P1, search('demo'))).toMatchObject([{ type: 'SearchResult', peer: toPeer(0) }, { type: 'SearchEnd' }])
    server.operator.search('alpha')
    const told = fire()
    expect(told.filter(({ type }) => type === 'napster-hit')).toMatchObject([{ name: 'my alpha', peer: P1 }])
    expect(told.filter(({ type }) => type === 'search-ended')).toMatchObject([{ hitCount: 1 }])
    expect(tell(P1, { type: 'StatsRequest' })).toMatchObject([{ users: 4, files: 2, gigabytes: 1 }])
    // A push of a file of the server's own comes to the operator too.
    tell(P1, { type: 'DownloadRequest', nick: server.operator.nick, name: 'demo alpha' })
    expect(fire()).toMatchObject([{ type: 'upload-requested', nick: nick(P1), fileIndex: 1 }])
  })
})
