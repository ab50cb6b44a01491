/** From "Query Routing for the Gnutella Network", appendix A. */
const MULTIPLIER = 0x4f1bbcdc

/** Prefixes of a word that are in a table: with 1 to 5 letters cut off, as long as more than 3 are left (gtk-gnutella qrp.c). */
const LETTERS_CUT_MAX = 5
const PREFIX_LETTERS_MIN = 4

/**
 * The hash of a word in whatever case, 32 bits wide: a table of 2^n slots takes the leading n.
 *
 * QRP appendix A: the low bytes of the letters are folded into 32 bits and multiplied.
 */
export function qrpHash(word: string): number {
  const lower = word.toLowerCase()
  let folded = 0
  for (let i = 0; i < lower.length; i++) folded ^= (lower.charCodeAt(i) & 0xff) << ((i & 3) << 3)
  return Math.imul(folded, MULTIPLIER) >>> 0
}

/** The slot of a hash in a table of 2^`bits` slots. `bits` is 1 to 32. */
export function qrpSlot(hash: number, bits: number): number {
  return hash >>> (32 - bits)
}

/** Adds the hashes of a folded word and of its prefixes, each computed from the one before. */
export function addWordHashes(word: string, hashes: number[]): void {
  const prefixMin = Math.max(PREFIX_LETTERS_MIN, word.length - LETTERS_CUT_MAX)
  let folded = 0
  for (let i = 0; i < word.length; i++) {
    folded ^= (word.charCodeAt(i) & 0xff) << ((i & 3) << 3)
    const letters = i + 1
    if (letters >= prefixMin || letters === word.length) hashes.push(Math.imul(folded, MULTIPLIER) >>> 0)
  }
}
