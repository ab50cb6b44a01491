import { multiaddr } from '@multiformats/multiaddr'
import { expect, it } from 'vitest'
import { AddressPolicy } from '../src/address-policy.ts'

const peer = '/p2p/12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'
const relayed = `${peer}/p2p-circuit/webrtc/p2p/12D3KooWQF6Q3i1QkziJQ9mkNNcyFD8GPQz6R6oEvT75wgsVXm4v`
const privateOnes = [
  '/ip4/127.0.0.1/tcp/22',
  '/ip4/192.168.0.1/tcp/80/ws',
  '/ip4/10.1.2.3/tcp/1',
  '/ip6/::1/tcp/1',
  '/dns4/localhost/tcp/1/ws',
  '/dns4/router/tcp/80/ws',
  `/ip4/127.0.0.1/tcp/1/ws${relayed}`,
]
const publicOnes = [
  '/ip4/8.8.8.8/tcp/443/ws',
  '/dns4/example.org/tcp/443/wss',
  relayed,
  `/dns4/example.org/tcp/443/wss${relayed}`,
]

it('keeps strangers from sending us to doors behind our own firewall', () => {
  const policy = new AddressPolicy(false)
  for (const address of privateOnes) expect([address, policy.accepts(multiaddr(address))]).toEqual([address, false])
  for (const address of publicOnes) expect([address, policy.accepts(multiaddr(address))]).toEqual([address, true])
})

it('takes private addresses where the network is a private one', () => {
  const policy = new AddressPolicy(false)
  policy.trust(multiaddr('/dns4/example.org/tcp/443/wss'))
  expect(policy.accepts(multiaddr('/ip4/192.168.0.1/tcp/80/ws'))).toBe(false)
  policy.trust(multiaddr('/ip4/127.0.0.1/tcp/8081/ws'))
  for (const address of privateOnes) expect(policy.accepts(multiaddr(address))).toBe(true)
})
