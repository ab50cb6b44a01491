/** Published and captured facts of query routing. */

/** Word, bits, slot: QRP appendix A, and the self-test of gtk-gnutella. */
export const HASHES: readonly (readonly [word: string, bits: number, slot: number])[] = [
  ['', 13, 0],
  ['eb', 13, 6791],
  ['ebc', 13, 7082],
  ['ebck', 13, 6698],
  ['ebckl', 13, 3179],
  ['ebcklm', 13, 3235],
  ['ebcklme', 13, 6438],
  ['ebcklmen', 13, 1062],
  ['ebcklmenq', 13, 3527],
  ['', 16, 0],
  ['n', 16, 65003],
  ['nd', 16, 54193],
  ['ndf', 16, 4953],
  ['ndfl', 16, 58201],
  ['ndfla', 16, 34830],
  ['ndflal', 16, 36910],
  ['ndflale', 16, 34586],
  ['ndflalem', 16, 37658],
  ['ndflaleme', 16, 45559],
  ['\u30a2\u30cb\u30e1', 10, 46],
  ['\u30e9', 10, 0],
  ['\u58f0\u512a', 10, 731],
  ['\u{10428}', 10, 658],
  ['\u0001\u0028', 10, 658],
  ['\uff01\u9428', 10, 658],
  ['\u1001\u2000', 10, 316],
  ['test', 3, 2],
  ['qrp', 3, 7],
]

/** Word, and its slots in tables of 13, 14, 16, 17 and 20 bits. */
export const HASHES_BY_BITS: readonly (readonly [word: string, slots: readonly number[]])[] = [
  ['alpha', [5757, 11515, 46060, 92121, 736973]],
  ['song', [1884, 3768, 15073, 30146, 241171]],
  ['test', [2589, 5178, 20712, 41424, 331397]],
  ['bravo', [2747, 5495, 21982, 43965, 351720]],
  ['charlie', [5433, 10867, 43468, 86937, 695502]],
  ['mp3', [3624, 7248, 28995, 57991, 463930]],
  ['zulu', [4907, 9814, 39256, 78513, 628104]],
  ['yankee', [1552, 3105, 12420, 24840, 198721]],
  ['urn:sha1:6OKYEMMEGA5MTPXCQE4QBIW2VLU5H2BQ', [6773, 13546, 54184, 108368, 866944]],
]

/** What gtk-gnutella 1.2.3 sent that shares "Test Song alpha.txt" and "bravo charlie.mp3". */
export const GENUINE_TABLE = {
  reset: '000040000002',
  patch:
    '010101010478daedd5411100200c03c13a887f97484004f451d895709942150070d392405a95bbc4408359aff1f6f2d95300e023e3e1d9a3210000673692f6051a',
  slots: {
    song: 3768,
    charli: 4462,
    test: 5178,
    bravo: 5495,
    char: 6387,
    txt: 6962,
    charl: 7085,
    mp3: 7248,
    brav: 9861,
    charlie: 10867,
    alph: 11099,
    alpha: 11515,
  },
} as const

/** What it sent that shares nothing. */
export const GENUINE_EMPTY_PATCH = '010101010478daedc1010d000000c2a0f74f6d0e37a00000000000000080770320000001'

/** "zulu" and "yankee" in 2^16 slots: a table of ours that it took, and by which it chose what to send. */
export const TABLE_TAKEN = {
  reset: '000000010002',
  patch:
    '0101010104789ceddb410d000008c4b0f3af1609fc310009ad82195802000000000030d576000000000000000000000000007080d3080000000000000000000000806f1ae95f01e1',
} as const

/** QRP appendix B: 8 slots, infinity 7. */
export const PUBLISHED_RESET = '000800000007'

/**
 * `test` is added (slot 2), then `qrp`, then `test` goes. `qrp` has slot 7, and of 8 bits its entry stands there; of 4 bits
 * the document puts it into the high half of the last byte, which is slot 6.
 */
export const PUBLISHED_PATCHES: readonly (readonly [
  form: string,
  slots: readonly number[],
  pieces: readonly string[],
])[] = [
  ['8 bits: add test', [2], ['01010100080000fa0000000000']],
  ['8 bits: add qrp', [2, 7], ['010101000800000000000000fa']],
  ['8 bits: remove test', [7], ['01010100080000060000000000']],
  ['4 bits: add test', [2], ['010101000400a00000']],
  ['4 bits: add qrp', [2, 6], ['0101010004000000a0']],
  ['4 bits: remove test', [6], ['010101000400600000']],
  ['4 bits, two pieces: add test', [2], ['010102000400a0', '01020200040000']],
  ['4 bits, zlib: add qrp', [2, 6], ['0101010104789c63606058000000a400a1']],
  ['4 bits, zlib: remove test', [6], ['0101010104789c63486060000001240061']],
  ['4 bits, zlib, two pieces: add test', [2, 6], ['0101020104789c6358c0c0000001e4', '010202010400a1']],
]

/** The first of them with its header. */
export const PUBLISHED_FRAME = 'a9ab9b14c11e52aaffb4b441756d29003001000d00000001010100080000fa0000000000'
