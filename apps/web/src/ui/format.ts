const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** `1.4 MB`: decimal units, as file managers and network speeds have them. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return 'size unknown'
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${Math.round(bytes)} bytes`
  let value = bytes
  let unit = 0
  // 999.5 would be shown as "1000".
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`
}

/** `3.2 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** `12 s left`, `3 min left`, `2 h 5 min left`. */
export function formatLeft(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  if (seconds < 60) return `${seconds} s left`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min left`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`} left`
}

/** How long something took: `84 ms`, `1.2 s`, `3 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(1, Math.round(ms))} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  if (ms < 59_500) return `${Math.round(ms / 1000)} s`
  return `${Math.round(ms / 60_000)} min`
}

/** Whole percent, never 100 before all is done. */
export function formatPercent(done: number, total: number): string {
  if (total <= 0 || done >= total) return '100 %'
  return `${Math.floor((done / total) * 100)} %`
}

/** `1 peer`, `3 peers`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
