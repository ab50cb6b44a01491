import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { RecordingHost } from '@servent/machine/testing'
import { type Message, type NapsterEvent, napster } from '@servent/napster'

const host = new RecordingHost<Message, NapsterEvent>(toPeer(1))
const client = napster.create(host, { ...napster.defaults, library: new Library() })
client.start()
if ('addIndex' in client) {
  client.addIndex(toPeer(0)) // the host dials,
  client.onPeerConnected(toPeer(0)) // tells that it has,
  client.onMessage(toPeer(0), { type: 'LoginAck', email: 'anon@localhost' }) // and what the index says
  client.search('jazz piano') // its results are events: { type: 'napster-hit', id, name, size, peer, … }
}
export const effects = host.take()
