import { type ChordEvent, chord, type Message } from '@servent/chord'
import { toPeer } from '@servent/machine'
import { RecordingHost } from '@servent/machine/testing'
import { hashedValue } from '@servent/records'

const host = new RecordingHost<Message, ChordEvent>(toPeer(0))
const node = chord.create(host, chord.defaults)
node.start() // it knows nobody, and is a ring of one
node.addContact(toPeer(1)) // it joins through this one: { type: 'joined' }
const record = hashedValue(Uint8Array.of(1, 2, 3), 3_600_000)
const put = node.put(record) // { type: 'put-done', id: put, replicas: 8, path: […] }
const get = node.get(record.key) // { type: 'get-done', id: get, values: […] }
const lookup = node.lookup(record.key) // { type: 'lookup-done', id: lookup, responsible, path, timeouts }
export const effects = host.take()
export const requests = [put, get, lookup]
