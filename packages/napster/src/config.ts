import { EMPTY_LIBRARY, type Library } from '@servent/library'
import type { LinkType } from './messages.ts'

/** Everything that can be chosen, of a client and of an index. Shared by reference: a thousand simulated clients have one. */
export interface NapsterConfig {
  /** Whether this is an index server. If not, it is a client. */
  readonly isIndex: boolean

  /** What we share: of a client with its index, of an index server with its own users. */
  readonly library: Library
  /** Data port that we tell; 0: nobody can connect to us, we have to be asked to. */
  readonly port: number
  /** How fast we say we are. */
  readonly link: LinkType
  /** Name of the program, for `Whois`. */
  readonly client: string

  /** Milliseconds between two looks at what the library shares; 0 never looks. */
  readonly librarySyncMs: number
  /** Bytes of shared files told at once, and milliseconds until the next. */
  readonly shareBurst: number
  readonly shareIntervalMs: number
  /** Files that we share at the most. */
  readonly sharesMax: number
  /** Index servers that we know of, at the most. */
  readonly indexesMax: number
  /** Milliseconds for a dial and for a login, each. */
  readonly loginTimeoutMs: number
  /** Milliseconds to leave an index alone that could not be reached or went away; doubled each time. */
  readonly backoffMs: number
  readonly backoffMaxMs: number
  /** Milliseconds for the end of a search or of a list to come. */
  readonly answerTimeoutMs: number
  /** Searches and lists that are waited for at once. */
  readonly requestsMax: number
  /** Results asked for by a search. */
  readonly searchResultsMax: number

  /** Of an index: e-mail address that a login is answered with. */
  readonly email: string
  /** Lines of text that each login is answered with. */
  readonly messageOfTheDay: readonly string[]
  /** Users at once, those included that have not logged in. */
  readonly usersMax: number
  /** Songs of all users together. */
  readonly songsMax: number
  /** Songs of one user. */
  readonly userSongsMax: number
  /** Songs that one search looks at, at the most: those that hold its rarest word. */
  readonly candidatesMax: number
  /** Results of one search, and files of one list. */
  readonly resultsMax: number
  readonly browseMax: number
  /** Requests for files of one user that have not been answered. */
  readonly uploadRequestsMax: number
  /** Milliseconds that a user may take to answer one. */
  readonly uploadRequestMs: number
  /** Token buckets per user: one more every so many milliseconds, and so many at once. */
  readonly messageIntervalMs: number
  readonly messageBurst: number
  readonly searchIntervalMs: number
  readonly searchBurst: number
  readonly songIntervalMs: number
  readonly songBurst: number
  /** Milliseconds between two looks at logins, requests and gaps. */
  readonly maintenanceIntervalMs: number
  /** Songs moved out of gaps at once. */
  readonly compactionSongs: number
}

const second = 1000

/** For a live network of tabs and Node processes. */
export const defaults: Readonly<NapsterConfig> = Object.freeze({
  // Ours: most are clients.
  isIndex: false,

  // Ours: nothing is shared until something is.
  library: EMPTY_LIBRARY,
  // From napster.txt: the data port of Napster's own client. Over libp2p nobody dials it; only whether it is 0 matters.
  port: 6699,
  // From napster.txt: 0 is unknown.
  link: 0,
  // Ours: the name of this program.
  client: 'servent',

  // Ours: a person does not see the difference.
  librarySyncMs: second,
  // Ours: 10 commands of some ten files each every 250 ms, a fifth of what a host lets through; 5,000 files take a quarter of a minute.
  shareBurst: 20_000,
  shareIntervalMs: 250,
  // From OpenNap: 5,000 shared files.
  sharesMax: 5000,
  // Ours: more than anybody has bootstrap nodes.
  indexesMax: 16,
  // Ours: a relayed WebRTC dial takes seconds.
  loginTimeoutMs: 20 * second,
  // Ours: 1 s doubled up to a minute; an index that restarts is found again soon, one that is gone is not hammered.
  backoffMs: second,
  backoffMaxMs: 60 * second,
  // Ours: a hundred results take some milliseconds to find, and seconds over a bad line.
  answerTimeoutMs: 15 * second,
  // Ours: an index lets 20 through at once.
  requestsMax: 16,
  // From OpenNap: 100 results.
  searchResultsMax: 100,

  // From OpenNap: what it answers when the nick is not registered.
  email: 'anon@localhost',
  // Ours: nothing to say.
  messageOfTheDay: Object.freeze([]),
  // Ours: what one Node process holds connections to.
  usersMax: 4096,
  // Ours: a million songs are some 400 MB.
  songsMax: 1_000_000,
  // From OpenNap: 5,000 shared files.
  userSongsMax: 5000,
  // Ours: some four milliseconds. Only a search that little answers, by words which many names hold, looks at more.
  candidatesMax: 250_000,
  // From OpenNap: 100 results, 500 files of a list.
  resultsMax: 100,
  browseMax: 500,
  // Ours: more than anybody uploads at once.
  uploadRequestsMax: 64,
  // Ours: a tab in the background may be slow.
  uploadRequestMs: 30 * second,
  // Ours: 50 a second: twenty commands of files and a person's typing.
  messageIntervalMs: 20,
  messageBurst: 400,
  // Ours: 4 a second, 20 at once.
  searchIntervalMs: 250,
  searchBurst: 20,
  // Ours: 500 songs a second, a whole library at once.
  songIntervalMs: 2,
  songBurst: 6000,
  // Ours: half the shortest time that is looked after would be more than enough.
  maintenanceIntervalMs: second,
  // Ours: a few milliseconds of work.
  compactionSongs: 1000,
})

let lastChecked: Readonly<NapsterConfig> | undefined

/**
 * Refuses a config that cannot work.
 *
 * @throws RangeError that says what must hold: a bug of the application
 */
export function checkConfig(config: Readonly<NapsterConfig>): void {
  // A simulation makes thousands of clients of one config.
  if (config === lastChecked) return
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === 'number' && !(value >= 0)) throw new RangeError(`${name} must not be negative`)
  }
  if (config.port > 0xffff) throw new RangeError('a port is below 65536')
  if (config.link > 10) throw new RangeError('a link type is 0 to 10')
  if (config.searchResultsMax > 0xffff) throw new RangeError('searchResultsMax is below 65536')
  if (config.isIndex && config.maintenanceIntervalMs === 0) throw new RangeError('an index must be looked after')
  lastChecked = config
}
