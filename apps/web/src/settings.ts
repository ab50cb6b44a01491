/** What the address of the page can set. For lessons and tests: nobody needs it to use the page. */
export interface Settings {
  /** URLs of bootstrap nodes. Default: the server that this page came from. */
  readonly bootstrap: readonly string[]
  /** `?webrtc=off`: as where WebRTC is blocked. */
  readonly webrtc: boolean
  /** `?neighbors=N`: Gnutella neighbors to aim for, 0 to 24. Undefined: the library's default. */
  readonly neighbors: number | undefined
  /** `?gnutella=0.4`: floods like the first servents; 0.6 is the default. */
  readonly gnutella: '0.4' | '0.6'
  /** `?napster=off`: shares nothing with a central index and asks none. */
  readonly napster: boolean
}

const BOOTSTRAPS_MAX = 8
const NEIGHBORS_MAX = 24

/** Reads the settings from the page's URL; what makes no sense counts as not there. */
export function readSettings(page: URL): Settings {
  const query = page.searchParams
  const bootstrap = query
    .getAll('bootstrap')
    .filter((text) => /^https?:\/\//.test(text) && URL.canParse(text))
    .slice(0, BOOTSTRAPS_MAX)
  return {
    bootstrap: bootstrap.length > 0 ? bootstrap : [page.origin],
    webrtc: query.get('webrtc') !== 'off',
    neighbors: readCount(query.get('neighbors')),
    gnutella: query.get('gnutella') === '0.4' ? '0.4' : '0.6',
    napster: query.get('napster') !== 'off',
  }
}

function readCount(text: string | null): number | undefined {
  if (text === null || !/^\d{1,2}$/.test(text)) return undefined
  return Math.min(Number(text), NEIGHBORS_MAX)
}
