import { type Key, keyToHex } from '@servent/keyspace'

/** Characters of a nick: OpenNap takes no more. */
const NICK_LENGTH = 32

/** The nick of whoever has this key: its first 32 hexadecimal digits, so that nobody can take another's. */
export function nickOf(key: Key): string {
  return keyToHex(key).slice(0, NICK_LENGTH)
}
