import { Library } from '@servent/library'
import { type Protocol, toPeer } from '@servent/machine'
import { machineCompliance, testKeyOf } from '@servent/machine/testing'
import * as fc from 'fast-check'
import {
  DROP_REASONS,
  IndexClient,
  IndexServer,
  type Message,
  type NapsterConfig,
  type NapsterEvent,
  napster,
  nickOf,
  type RequestId,
} from '../src/index.ts'
import { messages, name, nick } from './arbitraries.ts'

const library = new Library()
library.add({ name: 'Alpha Song.txt', size: 21, sha1: new Uint8Array(20), cid: Uint8Array.of(1, 2, 3) })
library.add({ name: 'Alpha Song.txt', size: 22, sha1: undefined, cid: undefined })
library.add({ name: 'Ärger "über" Öl.mp3', size: 2 ** 33, sha1: undefined, cid: undefined })

const config = Object.freeze({
  ...napster.defaults,
  library,
  usersMax: 5,
  songsMax: 12,
  userSongsMax: 5,
  uploadRequestsMax: 2,
  indexesMax: 3,
  requestsMax: 3,
  searchResultsMax: 4,
})

/** The protocol with one of its two machines. */
function only<M extends IndexServer | IndexClient>(
  isIndex: boolean,
  kind: new (...args: never[]) => M
): Protocol<Message, NapsterEvent, NapsterConfig, M> {
  return {
    ...napster,
    id: `${napster.id} (${kind.name})`,
    create: (host, given) => {
      const machine = napster.create(host, { ...given, isIndex })
      if (!(machine instanceof kind)) throw new Error('another machine was made')
      return machine
    },
  }
}

const act = <T, M>(drawn: fc.Arbitrary<T>, call: (machine: M, value: T) => unknown) =>
  drawn.map((value) => (machine: M) => call(machine, value))

const verbs = <M>(clientOf: (machine: M) => IndexClient) => [
  act(fc.constantFrom('alpha', 'song', '', 'a'.repeat(5000)), (machine: M, words) => clientOf(machine).search(words)),
  act(nick, (machine: M, other) => clientOf(machine).browse(other)),
  act(fc.tuple(nick, name), (machine: M, [other, file]) => clientOf(machine).get(other, file)),
  act(fc.tuple(nick, name), (machine: M, [other, file]) => clientOf(machine).push(other, file)),
  act(nick, (machine: M, other) => clientOf(machine).ping(other)),
  act(fc.nat(10), (machine: M, id) => clientOf(machine).forget(id as RequestId)),
  act(fc.nat(9), (machine: M, index) => clientOf(machine).addIndex(toPeer(index))),
  act(fc.nat(9), (machine: M, index) => clientOf(machine).removeIndex(toPeer(index))),
]

/** Logins of the peers that a sequence has: whoever dials in tries all, and its own is the one that works. */
const logins = Array.from({ length: 9 }, (_, number): Message => {
  const own = nickOf(testKeyOf(toPeer(number)))
  return { type: 'Login', nick: own, password: 'x', port: number & 1, client: 'test', link: 0, extra: undefined }
})
const anyLogin = fc.constantFrom(...logins)

machineCompliance(only(true, IndexServer), {
  config,
  messages: fc.oneof({ arbitrary: messages, weight: 4 }, { arbitrary: anyLogin, weight: 1 }),
  verbs: verbs(({ operator }) => operator),
  stateSize: (server) =>
    server.users.length + server.songCount + server.uploadRequestCount + Object.keys(server.drops).length,
  stateMax: config.usersMax * (1 + config.uploadRequestsMax) + config.songsMax + DROP_REASONS.length,
  connectedPeers: (server) => server.users,
})

machineCompliance(only(false, IndexClient), {
  config,
  messages,
  answer: (message): Message | undefined =>
    message.type === 'Login' ? { type: 'LoginAck', email: 'anon@localhost' } : undefined,
  verbs: verbs((client) => client),
  stateSize: (client) =>
    client.indexes.length + client.requestCount + client.shareCount + Object.keys(client.drops).length,
  stateMax: config.indexesMax + config.requestsMax + library.fileCount + DROP_REASONS.length,
  connectedPeers: (client) => (client.index === undefined ? [] : [client.index]),
})
