/**
 * Frames that the genuine gtk-gnutella 1.2.3 wrote on loopback, or took from us and passed on, as hexadecimal digits.
 * Facts of the wire: the only thing that tells a reading of the specification from the network.
 */
export const GENUINE = {
  /** An ultrapeer's ping: GGEP SCP. */
  ping: '56d031027e7cdd1bff622a0e6871910300040007000000c3835343504103',

  /** The answer to a ping with TTL 1: GGEP VC, UP, DU, TLS. Kilobytes are a power of two, the mark of an ultrapeer. */
  pong:
    'f93de2a5744f3b53ff7ff074e48a2a00010100' +
    '29000000' +
    'ca187f0000010200000000010000' +
    'c302564345' +
    '47544b4783' +
    '02555043' +
    '02ff31' +
    '02445541' +
    '34' +
    '83544c5340',

  /** "quebec tango", flags b900, GGEP PR. */
  query: '39b75e7131024f475595fdc790c5513180040014000000b9007175656265632074616e676f00c382505240',

  /** "zulu yankee", flags 8000: one of ours that it took. */
  queryTaken: 'f52d7c7503db6b5cff3dbe500fad13008001020e00000080007a756c752079616e6b656500',

  /** "Test Song alpha.txt": urn:sha1, GGEP TT and CT; trailer GTKG with GGEP GTKGV and TLS. */
  queryHit:
    '2c68ef17945fe509ff17e733271de300810700ae000000' +
    '01ca187f0000011000000001000000150000005465737420536f6e6720616c7068612e7478740075726e3a736861313a364f4b59454d4d454741354d54' +
    '5058435145345142495732564c5535483242511cc30254545832e39df0a18f87f129f4a9d43dedfed9ba9e3884b347fac282435444fbcb6f680047544b' +
    '47022c21c30547544b475653010102030065e3bd800000000e0705a331000383544c5340f1403102ba339344d353b8f1de5aa207',

  /** "zulu yankee.mp3": a hit of ours that it took, counted and routed back. Trailer TEST. */
  queryHitTaken:
    'f52d7c7503db6b5cff3dbe500fad1300810400' +
    '6400000001591b7f00006e5e01000007000000d20400007a756c752079616e6b65652e6d70330075726e3a736861313a504c53544849505147' +
    '53535a545335464a5550414b555a5755475951595046420054455354021c19796b0d8c906f5874ff5a7637afadf300',

  /** One that it took: it connected back. */
  push: 'fd15a4d436b797dbffb7e31b35836e004003001a000000f1403102ba339344d353b8f1de5aa207010000007f0000469e1b',

  /** Bye 413, which 0.4 does not know. */
  bye:
    'cf733102d21704ed63fdd77043df9f0f020100' +
    '79000000' +
    '9d014e6f20515250205245534554207265636569766564206265666f72652050415443480d0a5365727665723a2067746b2d' +
    '676e7574656c6c612f312e322e332d31342d6761333331612d64697274792028323032342d30332d30333b20546f706c6573' +
    '733b204c696e7578207838365f3634290d0a0d0a00',

  /** A result's extensions: urn:sha1, then GGEP TT with COBS, for its tiger tree root has a NUL. */
  resultExtensions:
    '75726e3a736861313a454b374f485a32445146525933434d425556564254575959365459365856525a1cc3425454590f' +
    '212ed3a6348bfbe20c4b4345158f0aa6d57d14744ad6687f824354440ccf6f68',
} as const

/** COBS-coded tiger tree roots of genuine results, and what they stand for. */
export const GENUINE_COBS: readonly (readonly [coded: string, plain: string])[] = [
  ['0f212ed3a6348bfbe20c4b4345158f0aa6d57d14744ad6687f', '212ed3a6348bfbe20c4b4345158f00a6d57d14744ad6687f'],
  ['038a94162fae41ba8b4021b9b3c6e3becb5fd8b5b668a3f755', '8a94002fae41ba8b4021b9b3c6e3becb5fd8b5b668a3f755'],
  ['1010432c261d1908d3f141c0bd2dc0d009861c3e9abf41312f', '10432c261d1908d3f141c0bd2dc0d000861c3e9abf41312f'],
]

/** SHA-1 values and their base32 (HUGE). */
export const BASE32: readonly (readonly [hex: string, base32: string])[] = [
  ['f395823184303ac9bee2813900a2daaae9d3e830', '6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ'],
  ['da39a3ee5e6b4b0d3255bfef95601890afd80709', '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'],
  ['a9993e364706816aba3e25717850c26c9cd0d89d', 'VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5'],
]

export function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}
