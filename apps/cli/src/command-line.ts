import { homedir } from 'node:os'
import { join } from 'node:path'
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { type LinkTarget, parseLink, type SearchOverlayName, type UploadLimits } from '@servent/servent'
import { BUDGET_BYTES_DEFAULT, parseBytes } from '@servent/servent/node'
import type { GatewayAddress } from '@servent/transfer/node'
import { UsageError } from './errors.ts'
import { gatewayAddress } from './gateway.ts'
import { HELP, isCommandName } from './help.ts'
import { UPLOAD_FLAGS, uploadLimitsOf } from './upload-flags.ts'

/** What every command takes. */
export interface CommonOptions {
  /** URLs of bootstrap nodes. */
  readonly bootstrap: readonly string[]
  /** Folder that keeps this peer's keys. */
  readonly data: string
  /** Print one JSON object a line instead of text. */
  readonly json: boolean
}

/** What commands take that serve others. */
export interface ServingOptions {
  /** Where files are given over plain HTTP, too. */
  readonly gateway: GatewayAddress | undefined
  /** What others may take at most; what is not given is the peer's default. */
  readonly uploads: Partial<UploadLimits>
}

/** A command line, understood. */
export type CommandLine =
  | { readonly command: 'print'; readonly text: string }
  | ({ readonly command: 'share'; readonly folder: string } & ServingOptions & CommonOptions)
  | ({
      readonly command: 'search'
      readonly words: string
      /** Links that the query may travel. */
      readonly ttl: number
      /** How long to wait for hits, in milliseconds. */
      readonly waitMs: number
      /** Whom to ask; undefined: everybody. */
      readonly overlays: readonly SearchOverlayName[] | undefined
    } & CommonOptions)
  | ({ readonly command: 'get'; readonly target: LinkTarget; readonly out: string } & CommonOptions)
  | ({
      readonly command: 'keep'
      readonly targets: readonly LinkTarget[]
      /** Bytes of all that is kept. */
      readonly budgetBytes: number
    } & ServingOptions &
      CommonOptions)
  | ({
      readonly command: 'kept'
      /** CIDs to keep no more. None: what is kept is listed. */
      readonly drop: readonly string[]
    } & CommonOptions)

const COMMON = {
  bootstrap: { type: 'string', multiple: true },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig

const SERVING = { ...UPLOAD_FLAGS, gateway: { type: 'string' } } as const satisfies ParseArgsOptionsConfig

const TTL_DEFAULT = '7'
const TTL_MAX = 7
const WAIT_S_DEFAULT = '5'
const WAIT_S_MAX = 600

/**
 * @param args - without the program's name
 * @throws UsageError
 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const [name, ...rest] = args
  if (name === undefined) throw new UsageError('Which command? share, search, get or keep; servent --help says more.')
  if (name === '--help' || name === '-h' || name === 'help') return { command: 'print', text: HELP.servent }
  if (!isCommandName(name)) throw new UsageError(`There is no command "${name}": only share, search, get and keep.`)
  if (rest.includes('--help') || rest.includes('-h')) return { command: 'print', text: HELP[name] }
  return PARSE[name](rest, env)
}

const PARSE = { share: parseShare, search: parseSearch, get: parseGet, keep: parseKeep } as const

function parseShare(args: string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parse(args, { ...COMMON, ...SERVING } as const)
  const [folder] = exactlyOne(positionals, 'servent share takes one folder.')
  return { command: 'share', folder, ...serving(values), ...common(values, env) }
}

function serving(values: { gateway?: string; slots?: string; rate?: string }): ServingOptions {
  const { gateway } = values
  return { gateway: gateway === undefined ? undefined : gatewayAddress(gateway), uploads: uploadLimitsOf(values) }
}

function parseSearch(args: string[], env: NodeJS.ProcessEnv): CommandLine {
  const options = {
    ...COMMON,
    ttl: { type: 'string' },
    wait: { type: 'string' },
    overlay: { type: 'string', multiple: true },
  } as const
  const { values, positionals } = parse(args, options)
  const words = positionals.join(' ').trim()
  if (words === '') throw new UsageError('servent search takes the words to search for.')
  return {
    command: 'search',
    words,
    ttl: numberOf('--ttl', values.ttl ?? TTL_DEFAULT, 1, TTL_MAX),
    waitMs: 1000 * numberOf('--wait', values.wait ?? WAIT_S_DEFAULT, 1, WAIT_S_MAX),
    overlays: values.overlay?.map(overlayNamed),
    ...common(values, env),
  }
}

/** @throws UsageError for a name that is none */
function overlayNamed(name: string): SearchOverlayName {
  if (name !== 'gnutella' && name !== 'napster') {
    throw new UsageError(`--overlay takes gnutella or napster, not "${name}".`)
  }
  return name
}

function parseGet(args: string[], env: NodeJS.ProcessEnv): CommandLine {
  const { values, positionals } = parse(args, { ...COMMON, out: { type: 'string', short: 'o' } } as const)
  const [link] = exactlyOne(positionals, 'servent get takes one link.')
  return { command: 'get', target: targetOf(link), out: values.out ?? '.', ...common(values, env) }
}

function parseKeep(args: string[], env: NodeJS.ProcessEnv): CommandLine {
  const options = {
    ...COMMON,
    ...SERVING,
    budget: { type: 'string' },
    list: { type: 'boolean' },
    drop: { type: 'string', multiple: true },
  } as const
  const { values, positionals } = parse(args, options)
  const targets = positionals.map(targetOf)
  if (values.list === true || values.drop !== undefined) {
    if (targets.length > 0) throw new UsageError('servent keep takes no link beside --list or --drop.')
    return { command: 'kept', drop: (values.drop ?? []).map((text) => targetOf(text).cid), ...common(values, env) }
  }
  const { budget } = values
  const budgetBytes = budget === undefined ? BUDGET_BYTES_DEFAULT : parseBytes(budget)
  if (budgetBytes === undefined) throw new UsageError(`--budget takes a size like 500MB or 10GB, not "${budget}".`)
  return { command: 'keep', targets, budgetBytes, ...serving(values), ...common(values, env) }
}

/** @throws UsageError for what is no link, nor a CID */
function targetOf(link: string): LinkTarget {
  const target = parseLink(link)
  if (target !== undefined) return target
  throw new UsageError(`"${link}" is no link to a file: one looks like http://localhost:8080/#/get/bafy…?name=song.mp3`)
}

function parse<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

function exactlyOne(positionals: readonly string[], sentence: string): [string] {
  const [first] = positionals
  if (first === undefined || first === '' || positionals.length > 1) throw new UsageError(sentence)
  return [first]
}

function common(
  values: { bootstrap?: string[]; data?: string; json?: boolean },
  env: NodeJS.ProcessEnv
): CommonOptions {
  const bootstrap = values.bootstrap ?? env.SERVENT_BOOTSTRAP?.split(',') ?? ['http://localhost:8080']
  for (const url of bootstrap) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new UsageError(`--bootstrap takes a URL like http://localhost:8080, not "${url}".`)
    }
  }
  const home = env.XDG_DATA_HOME === undefined || env.XDG_DATA_HOME === '' ? undefined : env.XDG_DATA_HOME
  return {
    bootstrap,
    data: values.data ?? env.SERVENT_DATA ?? join(home ?? join(homedir(), '.local', 'share'), 'servent'),
    json: values.json ?? false,
  }
}

function numberOf(flag: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new UsageError(`${flag} takes a whole number from ${min} to ${max}, not "${text}".`)
  }
  return value
}
