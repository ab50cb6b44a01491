import { type GnutellaEvent, gnutella04, type Message } from '@servent/gnutella'
import { Library } from '@servent/library'
import { toPeer } from '@servent/machine'
import { RecordingHost } from '@servent/machine/testing'

const host = new RecordingHost<Message, GnutellaEvent>(toPeer(0))
const servent = gnutella04.create(host, { ...gnutella04.defaults, library: new Library() })
servent.start()
servent.connect(toPeer(1)) // the host dials,
servent.onPeerConnected(toPeer(1)) // tells that it has,
servent.onMessage(toPeer(1), { type: 'Ok' }) // and what the other says
const guid = servent.query('jazz piano') // its hits are events: { type: 'query-hit', guid, name, size, … }
export const effects = host.take()
servent.forget(guid)
