import { Library, type NewFile } from '@servent/library'
import { type Peer, toPeer } from '@servent/machine'
import { RecordingHost, testKeyOf, testPeerCodec } from '@servent/machine/testing'
import { describe, expect, it } from 'vitest'
import {
  IndexClient,
  type Message,
  type NapsterConfig,
  type NapsterEvent,
  napster,
  nickOf,
  type SharedSong,
} from '../src/index.ts'

const [INDEX, OTHER_INDEX, SHARER] = [toPeer(1), toPeer(2), toPeer(3)]
const nick = (peer: Peer) => nickOf(testKeyOf(peer))
const ack: Message = { type: 'LoginAck', email: 'anon@localhost' }

const file = (name: string, extra: Partial<NewFile> = {}): NewFile => ({
  name,
  size: 1000,
  sha1: undefined,
  cid: undefined,
  ...extra,
})

const song = (name: string, extra: Partial<SharedSong> = {}): SharedSong => ({
  ...file(name),
  md5: '0'.repeat(32),
  bitrate: 0,
  frequency: 0,
  seconds: 0,
  cid: undefined,
  sha1: undefined,
  ...extra,
})

const result = (name: string, peer: Peer = SHARER, extra: Partial<SharedSong> = {}): Message => ({
  type: 'SearchResult',
  song: song(name, extra),
  nick: nick(peer),
  address: 0,
  link: 3,
  peer,
})

/** A client, and what it does. Its timers fire as the clock is moved. */
function rig(config: Partial<NapsterConfig> = {}) {
  const host = new RecordingHost<Message, NapsterEvent>(toPeer(0))
  const library = new Library()
  const client = new IndexClient(host, { ...napster.defaults, library, ...config })
  let timers: { timer: number; arg: number; at: number }[] = []
  const sent: { to: Peer; message: Message }[] = []
  const events: NapsterEvent[] = []
  const dialed: Peer[] = []
  const hungUp: Peer[] = []
  const note = (): void => {
    for (const effect of host.take()) {
      if (effect.effect === 'setTimer')
        timers.push({ timer: effect.timer, arg: effect.arg, at: host.clock + effect.delayMs })
      else if (effect.effect === 'send') sent.push(effect)
      else if (effect.effect === 'emit') events.push(effect.event)
      else if (effect.effect === 'connect') dialed.push(effect.peer)
      else hungUp.push(effect.peer)
    }
  }
  const tell = (from: Peer, ...messages: Message[]): void => {
    for (const message of messages) client.onMessage(from, message)
  }
  client.start()
  return {
    host,
    client,
    library,
    tell,
    sent: () => {
      note()
      return sent.splice(0)
    },
    events: () => {
      note()
      return events.splice(0)
    },
    dialed: () => {
      note()
      return dialed.splice(0)
    },
    hungUp: () => {
      note()
      return hungUp.splice(0)
    },
    pass(ms: number): void {
      note()
      const until = host.clock + ms
      for (;;) {
        timers.sort((a, b) => a.at - b.at)
        const next = timers[0]
        if (next === undefined || next.at > until) break
        timers = timers.slice(1)
        host.clock = next.at
        client.onTimer(next.timer, next.arg)
        note()
      }
      host.clock = until
    },
    logIn(index: Peer = INDEX): void {
      client.addIndex(index)
      client.onPeerConnected(index)
      tell(index, ack)
    },
  }
}

const types = (sent: readonly { message: Message }[]) => sent.map(({ message }) => message.type)

describe('logging in', () => {
  it('dials the index, says who we are, and shares what there is', () => {
    const { client, library, dialed, sent, events, tell } = rig({ port: 0, link: 7 })
    library.add(file('one.mp3'))
    expect(client.state).toBe('no-index')
    client.addIndex(INDEX)
    expect(dialed()).toEqual([INDEX])
    client.onPeerConnected(INDEX)
    const login = { type: 'Login', nick: nick(toPeer(0)), password: 'none', port: 0, client: 'servent', link: 7 }
    expect(sent()).toEqual([{ effect: 'send', to: INDEX, message: { ...login, extra: undefined } }])
    expect(client.index).toBeUndefined()
    tell(INDEX, ack)
    expect(client.index).toBe(INDEX)
    expect(events()).toEqual([{ type: 'login', index: INDEX, nick: client.nick }])
    expect(sent()).toMatchObject([{ message: { type: 'ShareFolder', folder: '', songs: [{ name: 'one.mp3' }] } }])
  })

  it('tries the next index when one refuses, and the first again after a longer pause', () => {
    const { client, dialed, events, tell, hungUp, pass } = rig()
    client.addIndex(INDEX)
    client.addIndex(OTHER_INDEX)
    client.onPeerConnected(INDEX)
    tell(INDEX, { type: 'LoginError', text: 'the server is full' })
    expect(events()).toEqual([{ type: 'login-refused', index: INDEX, text: 'the server is full' }])
    expect(hungUp()).toEqual([INDEX])
    expect(dialed()).toEqual([INDEX, OTHER_INDEX])
    client.onPeerDisconnected(INDEX)
    client.onPeerDisconnected(OTHER_INDEX)
    pass(1999)
    expect(dialed()).toEqual([OTHER_INDEX])
    client.onPeerDisconnected(OTHER_INDEX)
    pass(30_000)
    expect(dialed()).toContain(INDEX)
  })

  it('gives up an index that does not answer, and leaves it alone for twice as long each time', () => {
    const { client, dialed, hungUp, pass } = rig()
    client.addIndex(INDEX)
    const dials: number[] = []
    for (let second = 0; second < 600; second++) {
      dials.push(...dialed().map(() => second))
      pass(1000)
    }
    expect(hungUp().length).toBeGreaterThanOrEqual(dials.length - 1)
    const pauses = dials.slice(1).map((at, i) => at - (dials[i] as number) - 20)
    for (const [i, pause] of pauses.entries()) {
      const base = Math.min(2 ** i, 60)
      expect(pause).toBeGreaterThanOrEqual(base - 1)
      expect(pause).toBeLessThanOrEqual(1.5 * base + 1)
    }
    expect(client.state).not.toBe('logged-in')
  })

  it('forgets an index that is removed, and knows no more than it may', () => {
    const { client, hungUp, logIn, events } = rig({ indexesMax: 2 })
    logIn()
    for (const other of [2, 3, 4]) client.addIndex(toPeer(other))
    client.addIndex(toPeer(0))
    expect(client.indexes).toEqual([INDEX, OTHER_INDEX])
    client.removeIndex(INDEX)
    expect(hungUp()).toEqual([INDEX])
    expect(client.indexes).toEqual([OTHER_INDEX])
    expect(events().at(-1)).toEqual({ type: 'index-lost', index: INDEX })
  })

  it('tells who takes it for an index that it is none', () => {
    const { client, sent, hungUp, tell } = rig()
    client.onPeerConnected(SHARER)
    tell(SHARER, { type: 'PingServer' })
    const login = { nick: nick(SHARER), password: 'x', port: 0, client: 'test', link: 0, extra: undefined }
    tell(SHARER, { type: 'Login', ...login })
    expect(sent()).toMatchObject([{ to: SHARER, message: { type: 'LoginError' } }])
    expect(hungUp()).toEqual([SHARER])
    expect(client.drops).toEqual({ 'unexpected-message': 2 })
  })
})

describe('sharing', () => {
  it('follows the library', () => {
    const { library, logIn, sent, pass } = rig()
    const first = library.add(file('one.mp3'))
    logIn()
    sent()
    pass(5000)
    expect(sent()).toEqual([])
    library.add(file('two.mp3'))
    library.remove(first?.index as number)
    pass(1000)
    expect(sent()).toMatchObject([
      { message: { type: 'Unshare', name: 'one.mp3' } },
      { message: { type: 'ShareFolder', songs: [{ name: 'two.mp3' }] } },
    ])
  })

  it('puts many files into few commands that are not too long, and takes its time', () => {
    const { library, logIn, sent, pass, client } = rig({ sharesMax: 900 })
    const cid = (i: number) => Uint8Array.of(1, 0x55, 0x12, 0x20, ...new Uint8Array(28), i >> 8, i & 0xff, 0, 0)
    for (let i = 0; i < 1000; i++) library.add(file(`a song with a name of its own ${i}.mp3`, { cid: cid(i) }))
    logIn()
    const batches: Message[][] = []
    for (let i = 0; i < 40; i++) {
      batches.push(sent().flatMap(({ message }) => (message.type === 'ShareFolder' ? [message as Message] : [])))
      pass(250)
    }
    const commands = batches.flat()
    const names = commands.flatMap((message) => (message.type === 'ShareFolder' ? message.songs : []))
    expect(new Set(names.map(({ name }) => name)).size).toBe(900)
    expect(client.shareCount).toBe(900)
    for (const command of commands) expect(napster.codec.size(command, testPeerCodec)).toBeLessThanOrEqual(2052)
    expect(commands.length).toBeLessThan(100)
    for (const batch of batches) {
      const bytes = batch.reduce((sum, command) => sum + napster.codec.size(command, testPeerCodec), 0)
      expect(bytes).toBeLessThan(napster.defaults.shareBurst + 2052)
    }
  })

  it('gives two files of one name two names, and none that cannot be written', () => {
    const { library, logIn, sent } = rig()
    for (const name of ['a.mp3', 'a.mp3', 'the "best".mp3', 'ö'.repeat(300)]) library.add(file(name))
    logIn()
    const [, share] = sent()
    expect(share?.message).toMatchObject({
      songs: [{ name: 'a.mp3' }, { name: '2\\a.mp3' }, { name: 'the _best_.mp3' }, { name: 'ö'.repeat(127) }],
    })
  })

  it('lets those have a file who ask for it, and tells the application', () => {
    const { library, logIn, sent, events, tell, client } = rig()
    library.add(file('a.mp3'))
    logIn()
    sent()
    events()
    tell(INDEX, { type: 'UploadRequest', nick: nick(SHARER), name: 'a.mp3' })
    tell(INDEX, { type: 'UploadRequest', nick: nick(SHARER), name: 'b.mp3' })
    expect(sent()).toMatchObject([{ message: { type: 'AcceptUpload', nick: nick(SHARER), name: 'a.mp3' } }])
    expect(events()).toEqual([{ type: 'upload-requested', nick: nick(SHARER), fileIndex: 1 }])
    const pushed = { type: 'AlternateDownloadAck', nick: nick(SHARER), address: 0, port: 1, md5: 'x', link: 0 } as const
    tell(INDEX, { ...pushed, name: 'a.mp3', peer: SHARER, cid: undefined, sha1: undefined })
    expect(events()).toEqual([{ type: 'push-requested', nick: nick(SHARER), peer: SHARER, fileIndex: 1 }])
    // Only the one whose nick it is.
    tell(INDEX, { ...pushed, name: 'a.mp3', peer: OTHER_INDEX, cid: undefined, sha1: undefined })
    expect(events()).toEqual([])
    expect(client.drops).toEqual({ 'unknown-song': 1, 'forged-nick': 1 })
  })
})

describe('searching', () => {
  it('takes answers in the order of the questions', () => {
    const { client, logIn, sent, events, tell } = rig()
    logIn()
    events()
    sent()
    const [first, second] = [client.search('alpha'), client.search('beta')]
    expect(types(sent())).toEqual(['Search', 'Search'])
    tell(INDEX, result('alpha one'), { type: 'SearchEnd' }, result('beta\\beta two'), { type: 'SearchEnd' })
    expect(events()).toMatchObject([
      { type: 'napster-hit', id: first, name: 'alpha one', sharedName: 'alpha one', peer: SHARER, link: 3 },
      { type: 'search-ended', id: first, hitCount: 1, messageCount: 3 },
      { type: 'napster-hit', id: second, name: 'beta two', sharedName: 'beta\\beta two' },
      { type: 'search-ended', id: second, hitCount: 1, messageCount: 3 },
    ])
    expect(client.requestCount).toBe(0)
  })

  it('tells nothing that was not asked for', () => {
    const { client, logIn, events, tell } = rig({ searchResultsMax: 5 })
    logIn()
    events()
    tell(INDEX, result('alpha'), { type: 'SearchEnd' })
    client.search('alpha')
    tell(INDEX, result('beta'), result('alpha', toPeer(0)))
    tell(INDEX, { ...result('alpha'), nick: nick(OTHER_INDEX) } as Message)
    tell(INDEX, { ...result('alpha'), peer: undefined } as Message)
    tell(INDEX, result('alpha'), result('alpha'), { type: 'SearchEnd' })
    expect(events()).toMatchObject([{ type: 'napster-hit' }, { type: 'search-ended', hitCount: 1, messageCount: 8 }])
    expect(client.drops).toEqual({
      'result-without-search': 2,
      'unmatched-result': 1,
      'own-result': 1,
      'forged-nick': 2,
      'too-many-results': 1,
    })
    const [cid, other] = [Uint8Array.of(1, 2), Uint8Array.of(1, 3)]
    client.search('', { cid })
    tell(INDEX, result('a', SHARER, { cid }), result('b', SHARER, { cid: other }), result('c'), { type: 'SearchEnd' })
    expect(events()).toMatchObject([{ name: 'a' }, { type: 'search-ended', hitCount: 1 }])
  })

  it('says no more of what is forgotten, and does not mistake its answers', () => {
    const { client, logIn, events, tell } = rig()
    logIn()
    events()
    client.forget(client.search('alpha'))
    const second = client.search('beta')
    tell(INDEX, result('alpha'), { type: 'SearchEnd' }, result('beta'), { type: 'SearchEnd' })
    expect(events()).toMatchObject([
      { type: 'napster-hit', id: second },
      { type: 'search-ended', id: second },
    ])
  })

  it('fails at once without an index, and says so', () => {
    const { client, sent, events } = rig()
    const id = client.search('alpha')
    const list = client.browse('nobody')
    expect(events()).toEqual([
      { type: 'search-failed', id, reason: 'no-index' },
      { type: 'browse-ended', id: list, fileCount: 0, failure: 'no-index' },
    ])
    expect([client.get('a', 'b'), client.push('a', 'b'), client.ping('a'), client.askStats()]).not.toContain(true)
    expect(sent()).toEqual([])
  })

  it('fails when the index goes before it has answered, and when too much is asked', () => {
    const { client, logIn, events } = rig({ requestsMax: 2 })
    logIn()
    events()
    const [first, list, third] = [client.search('alpha'), client.browse('x'), client.search('gamma')]
    expect(events()).toEqual([{ type: 'search-failed', id: third, reason: 'too-many-requests' }])
    client.onPeerDisconnected(INDEX)
    expect(events()).toEqual([
      { type: 'search-failed', id: first, reason: 'index-lost' },
      { type: 'browse-ended', id: list, fileCount: 0, failure: 'index-lost' },
      { type: 'index-lost', index: INDEX },
    ])
  })

  it('begins anew with an index that does not answer in time: a late answer would be taken for the next', () => {
    const { client, logIn, events, hungUp, dialed, pass, tell } = rig()
    logIn()
    events()
    const id = client.search('alpha')
    pass(napster.defaults.answerTimeoutMs)
    expect(events()).toEqual([
      { type: 'search-failed', id, reason: 'timeout' },
      { type: 'index-lost', index: INDEX },
    ])
    expect(hungUp()).toEqual([INDEX])
    client.onPeerDisconnected(INDEX)
    dialed()
    pass(2000)
    expect(dialed()).toEqual([INDEX])
    client.onPeerConnected(INDEX)
    tell(INDEX, ack)
    client.search('alpha')
    tell(INDEX, { type: 'SearchEnd' })
    pass(napster.defaults.answerTimeoutMs)
    expect(client.index).toBe(INDEX)
  })
})

describe('what the index says', () => {
  it('is told', () => {
    const { client, logIn, events, tell } = rig()
    logIn()
    events()
    tell(INDEX, { type: 'MessageOfTheDay', text: 'welcome' }, { type: 'Error', text: 'no' })
    tell(INDEX, { type: 'Stats', users: 1, files: 2, gigabytes: 3 }, { type: 'Pong', nick: 'x' })
    tell(INDEX, { type: 'GetError', nick: 'x', name: 'y' })
    expect(events()).toEqual([
      { type: 'index-says', index: INDEX, isError: false, text: 'welcome' },
      { type: 'index-says', index: INDEX, isError: true, text: 'no' },
      { type: 'stats', index: INDEX, users: 1, files: 2, gigabytes: 3 },
      { type: 'pong', nick: 'x' },
      { type: 'download-refused', nick: 'x', sharedName: 'y' },
    ])
    tell(INDEX, { type: 'LoginError', text: 'you were sent away' })
    expect(events()).toMatchObject([{ type: 'login-refused', text: 'you were sent away' }, { type: 'index-lost' }])
    expect(client.state).toBe('waiting')
  })

  it('lists a user, and says when there is none', () => {
    const { client, logIn, events, tell } = rig()
    logIn()
    events()
    const id = client.browse('x')
    tell(INDEX, { type: 'BrowseResult', nick: 'x', song: song('a\\b.mp3') }, { type: 'BrowseEnd', nick: 'x' })
    expect(events()).toMatchObject([
      { type: 'browse-file', id, name: 'b.mp3', sharedName: 'a\\b.mp3' },
      { type: 'browse-ended', id, fileCount: 1, failure: undefined },
    ])
    const none = client.browse('y')
    tell(INDEX, { type: 'UserSignoff', nick: 'y' }, { type: 'BrowseEnd', nick: 'y' })
    expect(events()).toMatchObject([{ type: 'browse-ended', id: none, fileCount: 0, failure: 'no-user' }])
    tell(INDEX, { type: 'BrowseEnd', nick: 'y' }, { type: 'BrowseResult', nick: 'y', song: song('a') })
    expect(client.drops).toEqual({ 'result-without-search': 2 })
  })
})
