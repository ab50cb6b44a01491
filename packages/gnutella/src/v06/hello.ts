import type { Headers } from '../messages.ts'
import type { HybridConfig } from './config.ts'

/** What a servent says of itself in the headers of a handshake, as far as it matters. */
export interface Hello {
  /** `X-Ultrapeer`; undefined from one that knows no roles. */
  readonly isUltrapeer: boolean | undefined
  /** `X-Ultrapeer-Needed`; undefined if it did not say. */
  readonly isUltrapeerNeeded: boolean | undefined
  /** `X-Query-Routing`, `X-Ultrapeer-Query-Routing`: whether it takes tables, and from ultrapeers. */
  readonly routesQueries: boolean
  readonly routesUltrapeerQueries: boolean
  /** `X-Dynamic-Querying`. */
  readonly queriesDynamically: boolean
  /** `X-Degree`: ultrapeers that it wants for neighbors. 1 to 1,000. */
  readonly degree: number
  /** `X-Max-TTL`. 1 to 15. */
  readonly maxTtl: number
  /** `X-Capacity`, which is ours alone: see `HybridConfig.capacity`. 0 to 1, and 1 if it did not say. */
  readonly capacity: number
  /** `X-Visit`, which is ours alone: it wants to be no neighbor, and goes after a moment. */
  readonly isVisit: boolean
  /** `Bye-Packet`: whether it wants to be told why we hang up. */
  readonly takesBye: boolean
  /** `Vendor-Message`. */
  readonly takesVendorMessages: boolean
}

/** What a servent of 0.4 would have said: it knows nothing of all this. */
export const PLAIN_HELLO: Hello = Object.freeze({
  isUltrapeer: undefined,
  isUltrapeerNeeded: undefined,
  routesQueries: false,
  routesUltrapeerQueries: false,
  queriesDynamically: false,
  degree: 4,
  maxTtl: 7,
  capacity: 1,
  isVisit: false,
  takesBye: false,
  takesVendorMessages: false,
})

/** Ultrapeers without `X-Degree` are of before dynamic querying, and had six (gtk-gnutella, LimeWire). */
const DEGREE_UNTOLD = 6
const DEGREE_MAX = 1000
const MAX_TTL_UNTOLD = 7
const MAX_TTL_MAX = 15

/** What headers say. Whatever they say, the result is within bounds. */
export function readHello(headers: Headers): Hello {
  return {
    isUltrapeer: flag(headers.get('x-ultrapeer')),
    isUltrapeerNeeded: flag(headers.get('x-ultrapeer-needed')),
    routesQueries: headers.has('x-query-routing'),
    routesUltrapeerQueries: headers.has('x-ultrapeer-query-routing'),
    queriesDynamically: headers.has('x-dynamic-querying'),
    degree: number(headers.get('x-degree'), DEGREE_UNTOLD, DEGREE_MAX),
    maxTtl: number(headers.get('x-max-ttl'), MAX_TTL_UNTOLD, MAX_TTL_MAX),
    capacity: share(headers.get('x-capacity')),
    isVisit: flag(headers.get('x-visit')) === true,
    takesBye: headers.has('bye-packet'),
    takesVendorMessages: headers.has('vendor-message'),
  }
}

/** What is said in some handshakes only. */
interface Said {
  /** To an ultrapeer that asks to be our neighbor. */
  readonly isUltrapeerNeeded?: boolean
  readonly isVisit?: boolean
}

/** Our headers, in the order of gtk-gnutella's. */
export function ownHeaders(config: Readonly<HybridConfig>, isUltrapeer: boolean, said: Said): Headers {
  const headers = new Map([
    ['user-agent', config.userAgent],
    ['pong-caching', '0.1'],
    ['bye-packet', '0.1'],
    ['ggep', '0.5'],
    ['vendor-message', '0.2'],
    ['x-query-routing', '0.1'],
    ['x-ultrapeer', bool(isUltrapeer)],
    ['x-ultrapeer-query-routing', '0.1'],
    ['x-degree', String(config.neighborsTarget)],
    ['x-max-ttl', String(config.maxTtl)],
    ['x-dynamic-querying', '0.1'],
    ['x-capacity', String(config.capacity)],
  ])
  if (said.isUltrapeerNeeded !== undefined) headers.set('x-ultrapeer-needed', bool(said.isUltrapeerNeeded))
  if (said.isVisit) headers.set('x-visit', bool(true))
  return headers
}

/** The headers of the third group: what we are after all. */
export function lastHeaders(isUltrapeer: boolean): Headers {
  return new Map([['x-ultrapeer', bool(isUltrapeer)]])
}

function bool(value: boolean): string {
  return value ? 'True' : 'False'
}

function flag(value: string | undefined): boolean | undefined {
  const word = value?.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}

function number(value: string | undefined, untold: number, max: number): number {
  const parsed = Number.parseInt(value ?? '', 10)
  return parsed >= 1 ? Math.min(parsed, max) : untold
}

function share(value: string | undefined): number {
  const parsed = Number.parseFloat(value ?? '')
  return parsed >= 0 ? Math.min(parsed, 1) : 1
}

let lastConfig: Readonly<HybridConfig> | undefined
let lastHellos: readonly [Hello, Hello] | undefined

/** What servents with our config say of themselves. Shared: a simulation links thousands of one config. */
export function ownHello(config: Readonly<HybridConfig>, isUltrapeer: boolean): Hello {
  if (config !== lastConfig || lastHellos === undefined) {
    lastConfig = config
    lastHellos = [readHello(ownHeaders(config, false, {})), readHello(ownHeaders(config, true, {}))]
  }
  return lastHellos[isUltrapeer ? 1 : 0]
}
