import { ProtocolError } from '@servent/machine'
import { Reader, utf8Decode, utf8Encode, utf8Size, type Writer } from '@servent/wire'
import type {
  Bye,
  DescriptorHeader,
  LinkDescriptor,
  MessagesSupported,
  QrpPatch,
  QrpReset,
  VendorMessageKind,
} from '../messages.ts'
import { BYE, type Header, QRP, STANDARD_VENDOR, VENDOR } from './header.ts'

/*
 * Bye (02)          0  2  code
 *                   2     text; servents may put CR LF, header fields and an empty line behind it, then 00
 *
 * QRP (30), RESET   0  1  00
 *                   1  4  slots, a power of two
 *                   5  1  infinity
 *
 * QRP (30), PATCH   0  1  01
 *                   1  1  number of this piece, from 1
 *                   2  1  number of pieces
 *                   3  1  compressor: 0 none, 1 zlib
 *                   4  1  bits per slot: 1, 2, 4, 8
 *                   5     data
 *
 * Vendor (31, 32)   0  4  vendor, four characters
 *                   4  2  selector
 *                   6  2  version
 *                   8     body
 */
const RESET = 0
const PATCH = 1
const RESET_BYTES = 6
const PATCH_FIXED_BYTES = 5
const VENDOR_FIXED_BYTES = 8
const KIND_BYTES = 8

const NOBODY = '\0\0\0\0'
const MESSAGES_SUPPORTED: VendorMessageKind = { vendor: NOBODY, selector: 0, version: 0 }

/** Vendor messages that we understand, by their `type`; their versions are the ones we write. */
export const VENDOR_MESSAGES = {
  MessagesSupported: MESSAGES_SUPPORTED,
  HopsFlow: { vendor: 'BEAR', selector: 4, version: 1 },
  QueryStatusRequest: { vendor: 'BEAR', selector: 11, version: 1 },
  QueryStatusResponse: { vendor: 'BEAR', selector: 12, version: 1 },
  PushProxyRequest: { vendor: 'LIME', selector: 21, version: 1 },
  PushProxyAck: { vendor: 'LIME', selector: 22, version: 2 },
} as const satisfies Readonly<Record<string, VendorMessageKind>>

type KnownVendorType = keyof typeof VENDOR_MESSAGES

/** How long the body of a vendor message is; undefined where it says so itself. */
const BODY_BYTES: Readonly<Record<KnownVendorType, number | undefined>> = {
  MessagesSupported: undefined,
  HopsFlow: 1,
  QueryStatusRequest: 0,
  QueryStatusResponse: 2,
  PushProxyRequest: 0,
  PushProxyAck: 6,
}

/** Ours: gtk-gnutella tells of 27 kinds. */
const KINDS_MAX = 256

/** Whether a function is one of those that stay on a link. */
export function isLinkFunction(fn: number): boolean {
  return fn === BYE || fn === QRP || fn === VENDOR || fn === STANDARD_VENDOR
}

/** The function byte. */
export function linkFunction(message: LinkDescriptor): number {
  switch (message.type) {
    case 'Bye':
      return BYE
    case 'QrpReset':
    case 'QrpPatch':
      return QRP
    case 'VendorMessage':
      return message.isStandard ? STANDARD_VENDOR : VENDOR
    default:
      return VENDOR
  }
}

export function linkPayloadSize(message: LinkDescriptor): number {
  switch (message.type) {
    case 'Bye':
      return 2 + utf8Size(message.text) + 1
    case 'QrpReset':
      return RESET_BYTES
    case 'QrpPatch':
      return PATCH_FIXED_BYTES + message.data.length
    case 'MessagesSupported':
      return VENDOR_FIXED_BYTES + 2 + KIND_BYTES * message.supported.length
    case 'VendorMessage':
      return VENDOR_FIXED_BYTES + message.body.length
    default:
      return VENDOR_FIXED_BYTES + (BODY_BYTES[message.type] as number)
  }
}

export function writeLinkPayload(writer: Writer, message: LinkDescriptor): void {
  switch (message.type) {
    case 'Bye':
      writer.u16le(message.code).bytes(utf8Encode(message.text)).u8(0)
      return
    case 'QrpReset':
      writer.u8(RESET).u32le(message.slots).u8(message.infinity)
      return
    case 'QrpPatch':
      writer.u8(PATCH).u8(message.sequence).u8(message.sequenceSize).u8(message.compressor).u8(message.entryBits)
      writer.bytes(message.data)
      return
    case 'VendorMessage':
      writeKind(writer, message)
      writer.bytes(message.body)
      return
    default:
      writeKind(writer, VENDOR_MESSAGES[message.type])
  }
  if (message.type === 'MessagesSupported') {
    writer.u16le(message.supported.length)
    for (const kind of message.supported) writeKind(writer, kind)
  } else if (message.type === 'HopsFlow') {
    writer.u8(message.hopsMax)
  } else if (message.type === 'QueryStatusResponse') {
    writer.u16le(message.hitCount)
  } else if (message.type === 'PushProxyAck') {
    writer.u32be(message.address).u16le(message.port)
  }
}

/**
 * Reads what stays on a link; undefined for a QRP message of a kind that there is not.
 *
 * @throws ProtocolError `improper-hops-ttl` if it has come from further away; `bad-size`
 */
export function decodeLink(header: Header, payload: Uint8Array): LinkDescriptor | undefined {
  if (header.hops !== 0 || header.ttl > 1) throw new ProtocolError('improper-hops-ttl')
  if (header.function === BYE) return decodeBye(header, payload)
  return header.function === QRP ? decodeQrp(header, payload) : decodeVendor(header, payload)
}

function decodeBye({ guid, ttl, hops }: DescriptorHeader, payload: Uint8Array): Bye {
  const reader = new Reader(payload)
  const code = reader.u16le()
  const rest = reader.rest()
  const end = rest.findIndex((byte) => byte < 0x20)
  const text = utf8Decode(end === -1 ? rest : rest.subarray(0, end))
  return { type: 'Bye', guid, ttl, hops, code, text, verbatim: undefined }
}

function decodeQrp({ guid, ttl, hops }: DescriptorHeader, payload: Uint8Array): QrpReset | QrpPatch | undefined {
  const reader = new Reader(payload)
  const variant = reader.u8()
  if (variant === RESET) {
    if (payload.length !== RESET_BYTES) throw new ProtocolError('bad-size')
    return { type: 'QrpReset', guid, ttl, hops, slots: reader.u32le(), infinity: reader.u8() }
  }
  if (variant !== PATCH) return undefined
  if (payload.length <= PATCH_FIXED_BYTES) throw new ProtocolError('bad-size')
  const [sequence, sequenceSize, compressor, entryBits] = [reader.u8(), reader.u8(), reader.u8(), reader.u8()]
  // A copy, for it is kept until the sequence is whole.
  const data = new Uint8Array(reader.rest())
  return { type: 'QrpPatch', guid, ttl, hops, sequence, sequenceSize, compressor, entryBits, data }
}

function decodeVendor(header: Header, payload: Uint8Array): LinkDescriptor {
  const { guid, ttl, hops } = header
  const reader = new Reader(payload)
  const kind = readKind(reader)
  const isStandard = header.function === STANDARD_VENDOR
  const type = isStandard ? undefined : knownType(kind)
  const bodyBytes = type === undefined ? undefined : BODY_BYTES[type]
  if (type === undefined || (bodyBytes !== undefined && bodyBytes !== reader.remaining)) {
    return { type: 'VendorMessage', guid, ttl, hops, ...kind, isStandard, body: new Uint8Array(reader.rest()) }
  }
  switch (type) {
    case 'MessagesSupported':
      return { type, guid, ttl, hops, supported: readKinds(reader) }
    case 'HopsFlow':
      return { type, guid, ttl, hops, hopsMax: reader.u8() }
    case 'QueryStatusResponse':
      return { type, guid, ttl, hops, hitCount: reader.u16le() }
    case 'PushProxyAck':
      return { type, guid, ttl, hops, address: reader.u32be(), port: reader.u16le() }
    case 'QueryStatusRequest':
    case 'PushProxyRequest':
      return { type, guid, ttl, hops }
  }
}

/** @throws ProtocolError `bad-size` if there are more or fewer kinds than it says, or too many */
function readKinds(reader: Reader): MessagesSupported['supported'] {
  const count = reader.u16le()
  if (count > KINDS_MAX || reader.remaining !== KIND_BYTES * count) throw new ProtocolError('bad-size')
  return Array.from({ length: count }, () => readKind(reader))
}

function readKind(reader: Reader): VendorMessageKind {
  return { vendor: String.fromCharCode(...reader.bytes(4)), selector: reader.u16le(), version: reader.u16le() }
}

function writeKind(writer: Writer, { vendor, selector, version }: VendorMessageKind): void {
  for (let i = 0; i < 4; i++) writer.u8(vendor.charCodeAt(i))
  writer.u16le(selector).u16le(version)
}

function knownType({ vendor, selector, version }: VendorMessageKind): KnownVendorType | undefined {
  for (const [type, known] of Object.entries(VENDOR_MESSAGES)) {
    const isSame = known.vendor === vendor && known.selector === selector && known.version === version
    if (isSame) return type as KnownVendorType
  }
  return undefined
}
