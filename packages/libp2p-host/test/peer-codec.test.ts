import { multiaddr } from '@multiformats/multiaddr'
import { keyToHex } from '@servent/keyspace'
import { type Peer, ProtocolError, toPeer } from '@servent/machine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESS_BYTES_MAX, AddressBook, Libp2pPeerCodec, PEER_BYTES_MAX, PeerIds } from '../src/index.ts'

const alice = toPeer('12D3KooWKnDdG3iXw9eTFijk3EWSunZcFi54Zka4wmtqtt6rPxc8')
const bob = toPeer('12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5')
const rsa = toPeer('QmcgpsyWgH8Y8ajJz1Cu72KnS5uo2Aa2LpzU7kinSupNKC')
const viaRelay = `/dns4/relay.example/tcp/443/tls/ws/p2p/${bob}/p2p-circuit`

interface Side {
  readonly codec: Libp2pPeerCodec
  readonly addressBook: AddressBook
  readonly drops: string[]
}

function side(self: Peer, multiaddrs: readonly string[] = [], options = {}): Side {
  const addressBook = new AddressBook(options)
  const drops: string[] = []
  const codec = new Libp2pPeerCodec({
    self,
    addressBook,
    peerIds: new PeerIds(),
    getMultiaddrs: () => multiaddrs.map((text) => multiaddr(text)),
    drop: (reason) => drops.push(reason),
  })
  return { codec, addressBook, drops }
}

const texts = (addresses: readonly { toString(): string }[]): string[] => addresses.map(String)

describe('a peer on the wire', () => {
  it('is its name and its ways, direct ones first, bare relays last', () => {
    const from = side(alice, [
      `${viaRelay}/p2p/${alice}`,
      `${viaRelay}/webrtc/p2p/${alice}`,
      `/ip4/7.7.7.7/tcp/1/p2p/${alice}`,
    ])
    const to = side(bob)
    const bytes = from.codec.encode(alice)
    expect(from.codec.size(alice)).toBe(bytes.length)
    expect(to.codec.decode(bytes)).toBe(alice)
    expect(texts(to.addressBook.addressesOf(alice))).toEqual([
      `/ip4/7.7.7.7/tcp/1/p2p/${alice}`,
      `${viaRelay}/webrtc/p2p/${alice}`,
      `${viaRelay}/p2p/${alice}`,
    ])
  })

  it('can be passed on by a third', () => {
    const to = side(bob)
    to.codec.decode(side(alice, ['/ip4/7.7.7.7/tcp/1']).codec.encode(alice))
    const third = side(rsa)
    expect(third.codec.decode(to.codec.encode(alice))).toBe(alice)
    expect(texts(third.addressBook.addressesOf(alice))).toEqual([`/ip4/7.7.7.7/tcp/1/p2p/${alice}`])
  })

  it.each([alice, rsa])('is named by an Ed25519 as by an RSA key', (peer) => {
    expect(side(bob).codec.decode(side(bob).codec.encode(peer))).toBe(peer)
  })

  it('brings at most four addresses, each no longer than allowed', () => {
    const long = `/dns4/${'x'.repeat(250)}/tcp/443/tls/ws`
    const many = Array.from({ length: 9 }, (_, i) => `/ip4/7.7.7.${i}/tcp/1`)
    const bytes = side(alice, [long, ...many]).codec.encode(alice)
    expect(bytes.length).toBeLessThanOrEqual(PEER_BYTES_MAX)
    const to = side(bob)
    to.codec.decode(bytes)
    expect(to.addressBook.addressesOf(alice)).toHaveLength(4)
  })

  it('keeps its addresses for as long as one message is written', async () => {
    const addresses = ['/ip4/7.7.7.7/tcp/1']
    const { codec } = side(alice, addresses)
    const size = codec.size(alice)
    addresses.push('/ip4/8.8.8.8/tcp/1')
    expect(codec.encode(alice)).toHaveLength(size)
    await Promise.resolve()
    expect(codec.size(alice)).toBeGreaterThan(size)
  })
})

describe('a hostile peer on the wire', () => {
  const { codec } = side(alice, ['/ip4/7.7.7.7/tcp/1'])
  const good = codec.encode(alice)

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a name that is cut off', good.subarray(0, 20)],
    ['an address that is cut off', good.subarray(0, -1)],
    ['bytes too many', Uint8Array.of(...good, 0)],
    ['a name that is too long', Uint8Array.of(65, ...new Uint8Array(65), 0)],
    ['a name that is no key', Uint8Array.of(4, 0, 2, 1, 1, 0)],
    ['a name that is a URL', Uint8Array.of(10, 0, 8, ...new TextEncoder().encode('http://a'), 0)],
    ['a hash of the wrong length', Uint8Array.of(4, 0x12, 2, 1, 1, 0)],
    ['five addresses', Uint8Array.of(...good.subarray(0, 39), 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)],
  ])('breaks the protocol with %s', (_, bytes) => {
    expect(() => side(bob).codec.decode(bytes)).toThrow(ProtocolError)
  })

  it.each([
    ['address-unreadable', Uint8Array.of(255, 255, 3)],
    ['address-unreadable', new Uint8Array(0)],
    ['address-too-long', multiaddr(`/dns4/${'x'.repeat(ADDRESS_BYTES_MAX)}/tcp/1`).bytes],
    ['address-of-another', multiaddr(`/ip4/7.7.7.7/tcp/1/p2p/${bob}`).bytes],
    ['address-of-another', multiaddr(`${viaRelay}/p2p/${rsa}`).bytes],
    ['address-refused', multiaddr('/ip4/10.0.0.1/tcp/1').bytes],
  ])('has an address skipped: %s', (reason, address) => {
    const to = side(rsa, [], { acceptAddress: (ma: { toString(): string }) => !String(ma).includes('/10.') })
    const head = good.subarray(0, 39)
    const bytes = Uint8Array.of(
      ...head,
      2,
      address.length >> 8,
      address.length & 255,
      ...address,
      0,
      8,
      4,
      7,
      7,
      7,
      7,
      6,
      0,
      1
    )
    expect(to.codec.decode(bytes)).toBe(alice)
    expect(to.drops).toEqual([reason])
    expect(texts(to.addressBook.addressesOf(alice))).toEqual([`/ip4/7.7.7.7/tcp/1/p2p/${alice}`])
  })

  it('cannot tell us where we are', () => {
    const to = side(alice)
    expect(to.codec.decode(good)).toBe(alice)
    expect(to.addressBook.size).toBe(0)
  })

  it('gives a peer or a ProtocolError for any bytes', () => {
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, byte]) => good.map((old, i) => (i === at ? byte : old)))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated), (bytes) => {
        const to = side(bob)
        try {
          expect(to.codec.encode(to.codec.decode(bytes)).length).toBeLessThanOrEqual(PEER_BYTES_MAX)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ProtocolError)
        }
      }),
      { seed: 7, numRuns: 5000 }
    )
  })
})

describe('an address book', () => {
  const address = (i: number) => multiaddr(`/ip4/7.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}/tcp/1`)

  it('keeps what was shown whatever is heard', () => {
    const book = new AddressBook({ peersMax: 10 })
    book.learn(alice, address(1), true)
    for (let i = 0; i < 100; i++) book.learn(toPeer(`peer ${i}`), address(i), false)
    for (let i = 0; i < 100; i++) book.learn(alice, address(i), false)
    expect(texts(book.addressesOf(alice))[0]).toBe(`${address(1)}/p2p/${alice}`)
    expect(book.addressesOf(alice)).toHaveLength(9)
    expect(book.size).toBe(11)
  })

  it('keeps the latest addresses of a peer, each once', () => {
    const book = new AddressBook({ addressesMax: 2 })
    for (const i of [1, 2, 3, 2]) book.learn(alice, address(i), true)
    expect(texts(book.addressesOf(alice))).toEqual([2, 3].map((i) => `${address(i)}/p2p/${alice}`))
  })
})

describe('the identifier of a peer', () => {
  it('is SHA-256 of its multihash, truncated', async () => {
    const ids = new PeerIds()
    const digest = await crypto.subtle.digest('SHA-256', ids.bytesOf(alice).slice())
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    expect(keyToHex(ids.keyOf(alice))).toBe(hex.slice(0, 40))
    expect(ids.keyOf(alice)).toBe(ids.keyOf(alice))
  })

  it('is there for what is no peer too, which has no PeerId', () => {
    const ids = new PeerIds()
    expect(ids.idOf(toPeer('nonsense'))).toBeUndefined()
    expect(ids.idOf(toPeer(7))).toBeUndefined()
    expect(ids.keyOf(toPeer('nonsense'))).toHaveLength(5)
  })
})
