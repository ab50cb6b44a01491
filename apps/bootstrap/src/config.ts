import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type LinkTarget, parseLink } from '@servent/servent'
import { BUDGET_BYTES_DEFAULT, parseBytes } from '@servent/servent/node'

/** How a bootstrap node runs. Each value can be given as a flag or in the environment; the flag wins. */
export interface BootstrapConfig {
  /** Address that the web server and libp2p listen on. */
  readonly host: string
  /** TCP port of the page, of `/servent.json` and of the WebSocket for peers; 0 takes a free one. */
  readonly port: number
  /** Folder that keeps the key, what files are named, and what is kept for others. */
  readonly data: string
  /** Folder whose files are shared, as they are at any time. */
  readonly library: string
  /** Folder of the built page; undefined: no page, only `/servent.json`. */
  readonly page: string | undefined
  /** Multiaddrs to announce instead of those found: behind a proxy. */
  readonly announce: readonly string[]
  /** Peers connected at most. */
  readonly connectionsMax: number
  /** Whether it is a central index, as Napster's was, for whoever wants one. */
  readonly index: boolean
  /** Files to keep for others. */
  readonly keep: readonly LinkTarget[]
  /** Bytes that kept files may have; undefined: none are kept. */
  readonly keepBudgetBytes: number | undefined
  /** Whether what it shares is there over plain HTTP, too, beside the page. */
  readonly gateway: boolean
}

/** Thrown for flags that make no sense. `message` is a sentence for a person. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export const HELP = `servent bootstrap node: introduces peers to each other, serves the page, shares a small demo library.

  npm start -- [options]

  --port N              port of the page and of its peers       (8080, SERVENT_PORT)
  --host ADDRESS        address to listen on                    (127.0.0.1, SERVENT_HOST)
  --data FOLDER         keeps the node's key                    (~/.local/share/servent/bootstrap, SERVENT_DATA)
  --library FOLDER      files to share                          (the demo library, SERVENT_LIBRARY)
  --page FOLDER         the built page                          (apps/web/dist, SERVENT_PAGE)
  --announce MULTIADDR  address to announce instead; repeatable (SERVENT_ANNOUNCE, comma-separated)
  --connections N       peers connected at most                 (1000, SERVENT_CONNECTIONS)
  --index               also be a central index, like Napster's (off, SERVENT_INDEX=1)
  --keep LINK           keep a file for others; repeatable      (none, SERVENT_KEEP, comma-separated)
  --keep-budget SIZE    disk space for what is kept, as 500MB   (10GB with --keep, SERVENT_KEEP_BUDGET)
  --no-gateway          do not give shared files over plain HTTP, at /ipfs/  (they are given, SERVENT_GATEWAY=0)
  --help                this text

Browsers give a page its storage, locks and hashing only from localhost or over HTTPS: to serve other machines, put an
HTTPS proxy in front and announce its address, as /dns4/example.org/tcp/443/wss.
`

const appFolder = resolve(import.meta.dirname, '..')

/**
 * @param args - command line, without the program's name
 * @returns the configuration, or `help` when it was asked for
 * @throws ConfigError
 */
export function readConfig(args: string[], env: Record<string, string | undefined>): BootstrapConfig | 'help' {
  const values = parse(args)
  if (values.help === true) return 'help'
  return {
    host: values.host ?? env.SERVENT_HOST ?? '127.0.0.1',
    port: wholeNumber('--port', values.port ?? env.SERVENT_PORT ?? '8080', 65_535),
    data: resolve(values.data ?? env.SERVENT_DATA ?? defaultData(env)),
    library: resolve(values.library ?? env.SERVENT_LIBRARY ?? join(appFolder, 'demo')),
    page: resolve(values.page ?? env.SERVENT_PAGE ?? join(appFolder, '..', 'web', 'dist')),
    announce: values.announce ?? env.SERVENT_ANNOUNCE?.split(',') ?? [],
    connectionsMax: wholeNumber('--connections', values.connections ?? env.SERVENT_CONNECTIONS ?? '1000', 100_000),
    index: values.index ?? env.SERVENT_INDEX === '1',
    ...keeping(values, env),
    gateway: values.gateway ?? env.SERVENT_GATEWAY !== '0',
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowNegative: true,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        data: { type: 'string' },
        library: { type: 'string' },
        page: { type: 'string' },
        announce: { type: 'string', multiple: true },
        connections: { type: 'string' },
        index: { type: 'boolean' },
        keep: { type: 'string', multiple: true },
        'keep-budget': { type: 'string' },
        gateway: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    throw new ConfigError(error instanceof Error ? error.message : String(error), { cause: error })
  }
}

/** A keeper runs when it is told what to keep, or how much it may keep of what it kept before. */
function keeping(
  values: { keep?: string[]; 'keep-budget'?: string },
  env: Record<string, string | undefined>
): Pick<BootstrapConfig, 'keep' | 'keepBudgetBytes'> {
  const links = values.keep ?? env.SERVENT_KEEP?.split(',') ?? []
  const keep = links.map((link) => {
    const target = parseLink(link)
    if (target === undefined) throw new ConfigError(`--keep takes a link to a file, or its CID, not "${link}".`)
    return target
  })
  const budget = values['keep-budget'] ?? env.SERVENT_KEEP_BUDGET
  if (budget === undefined) return { keep, keepBudgetBytes: keep.length > 0 ? BUDGET_BYTES_DEFAULT : undefined }
  const keepBudgetBytes = parseBytes(budget)
  if (keepBudgetBytes === undefined) {
    throw new ConfigError(`--keep-budget takes a size like 500MB or 10GB, not "${budget}".`)
  }
  return { keep, keepBudgetBytes }
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < 0 || value > max) {
    throw new ConfigError(`${flag} takes a whole number from 0 to ${max}, not "${text}".`)
  }
  return value
}

function defaultData(env: Record<string, string | undefined>): string {
  return join(env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'servent', 'bootstrap')
}
