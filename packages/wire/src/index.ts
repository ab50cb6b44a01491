/**
 * Bytes: a bounds-checked {@link Reader}, a {@link Writer}, varints, UTF-8 and length-prefixed frames. Whatever a remote
 * sends, the worst that comes out is a `ProtocolError`.
 *
 * @packageDocumentation
 */
export { base32Decode, base32Encode, base32Length } from './base32.ts'
export { base64urlDecode, base64urlEncode, base64urlLength } from './base64url.ts'
export { ByteQueue, lengthPrefixed } from './frames.ts'
export { Reader } from './reader.ts'
export { utf8Decode, utf8Encode, utf8Size } from './utf8.ts'
export { readVarint, VARINT_BYTES_MAX, type VarintRead, varintSize, writeVarint } from './varint.ts'
export { Writer } from './writer.ts'
