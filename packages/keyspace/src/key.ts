declare const brand: unique symbol

/**
 * A place in the identifier space: 160 bits as five int32 words, most significant first. Five small integers compare and
 * subtract without allocation, which a million simulated nodes need; `Int32Array` keeps them out of the heap's objects.
 *
 * Overlays with shorter identifiers (Pastry's 128 bits) use the leading words.
 */
export type Key = Readonly<Int32Array> & { readonly [brand]: true }

/** Bytes in a key. */
export const KEY_BYTES = 20

/** Words in a key. */
export const KEY_WORDS = 5

/**
 * The key whose big-endian bytes are the first 20 of `bytes`: how a SHA-256 digest becomes an identifier (truncation).
 *
 * @throws RangeError if there are fewer than 20 bytes: a bug of the caller, for no peer chooses them.
 */
export function keyFromBytes(bytes: Uint8Array): Key {
  if (bytes.length < KEY_BYTES) throw new RangeError(`a key takes ${KEY_BYTES} bytes, not ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const words = new Int32Array(KEY_WORDS)
  for (let i = 0; i < KEY_WORDS; i++) words[i] = view.getInt32(i * 4)
  return words as unknown as Key
}

/** A view of five words that someone else holds, as a key: what a table of a million keys hands out. */
export function keyFromWords(words: Int32Array): Key {
  if (words.length !== KEY_WORDS) throw new RangeError(`a key takes ${KEY_WORDS} words, not ${words.length}`)
  return words as unknown as Key
}

/** The 20 bytes of a key, most significant first. */
export function keyToBytes(key: Key): Uint8Array {
  const bytes = new Uint8Array(KEY_BYTES)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < KEY_WORDS; i++) view.setInt32(i * 4, key[i] as number)
  return bytes
}

/** Forty lower-case hexadecimal digits. */
export function keyToHex(key: Key): string {
  let hex = ''
  for (let i = 0; i < KEY_WORDS; i++) hex += ((key[i] as number) >>> 0).toString(16).padStart(8, '0')
  return hex
}

/** Whether two keys are the same identifier. */
export function keysEqual(a: Key, b: Key): boolean {
  for (let i = 0; i < KEY_WORDS; i++) if (a[i] !== b[i]) return false
  return true
}
