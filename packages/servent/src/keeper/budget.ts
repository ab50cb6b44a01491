/** Ours: what a keeper may have when nobody says more: ten gigabytes. */
export const BUDGET_BYTES_DEFAULT = 10_000_000_000

/** A size as people write it, `10GB`, `1.5 TB`, `512 MiB` or a number of bytes, in bytes; undefined when it is none, or nothing. */
export function parseBytes(text: string): number | undefined {
  const [, digits = '', prefix = '', binary] = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(i?)b?|b)?$/i.exec(text.trim()) ?? []
  const power = ' kmgt'.indexOf(prefix === '' ? ' ' : prefix.toLowerCase())
  const bytes = Math.floor(Number(digits) * (binary ? 1024 : 1000) ** power)
  return digits !== '' && bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
}
