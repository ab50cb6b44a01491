import { describe, expect, it } from 'vitest'
import { addressesFor, socketAddresses } from '../src/addresses.ts'
import { ConfigError, HELP, readConfig } from '../src/config.ts'
import { hostnameOf } from '../src/page-server.ts'

describe('configuration', () => {
  it('has defaults for everything, and flags win over the environment', () => {
    expect(readConfig([], {})).toMatchObject({ host: '127.0.0.1', port: 8080, announce: [], gateway: true })
    expect(readConfig([], { SERVENT_PORT: '90' })).toMatchObject({ port: 90 })
    expect(readConfig(['--port', '91', '--announce', '/a', '--announce', '/b'], { SERVENT_PORT: '90' })).toMatchObject({
      port: 91,
      announce: ['/a', '/b'],
    })
    expect(readConfig(['--no-gateway'], {})).toMatchObject({ gateway: false })
    expect(readConfig([], { SERVENT_GATEWAY: '0' })).toMatchObject({ gateway: false })
    expect(readConfig(['--help'], {})).toBe('help')
  })

  it('keeps files for others when it is told which, or how many bytes of them', () => {
    const cid = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'
    expect(readConfig([], {})).toMatchObject({ keep: [], keepBudgetBytes: undefined })
    expect(readConfig(['--keep', cid], {})).toMatchObject({ keep: [{ cid }], keepBudgetBytes: 10_000_000_000 })
    expect(readConfig([], { SERVENT_KEEP: cid, SERVENT_KEEP_BUDGET: '2 GB' })).toMatchObject({
      keep: [{ cid }],
      keepBudgetBytes: 2_000_000_000,
    })
    expect(() => readConfig(['--keep', 'x'], {})).toThrow(ConfigError)
    expect(() => readConfig(['--keep-budget', 'x'], {})).toThrow(ConfigError)
  })

  it('names in its help every flag that it takes', () => {
    for (const flag of [
      'port',
      'host',
      'data',
      'library',
      'page',
      'announce',
      'connections',
      'keep',
      'keep-budget',
      'no-gateway',
    ])
      expect(HELP).toContain(`--${flag} `)
  })

  it.each([['--port', 'abc'], ['--port', '65536'], ['--port', '-1'], ['--port', '1.5'], ['--nonsense'], ['extra']])(
    'refuses %s %s',
    (...args) => {
      expect(() =>
        readConfig(
          args.filter((arg) => arg !== undefined),
          {}
        )
      ).toThrow(ConfigError)
    }
  )
})

describe('addresses', () => {
  const p2p = '/p2p/12D3KooWJRSrypvnpHgc6ZAgyCni4KcSmbV7uGRaMw5LgMKT18fq'
  const lan = `/ip4/192.168.1.5/tcp/8080/ws${p2p}`

  it('begin with the name that the asker used', () => {
    expect(addressesFor('example.org', [lan])).toEqual([`/dns4/example.org/tcp/8080/ws${p2p}`, lan])
    expect(addressesFor('localhost', [lan])[0]).toBe(`/ip4/127.0.0.1/tcp/8080/ws${p2p}`)
    expect(addressesFor('192.168.1.5', [lan])).toEqual([lan])
    expect(addressesFor(undefined, [lan])).toEqual([lan])
  })

  it('are those of all interfaces when it listens on all', () => {
    expect(socketAddresses('127.0.0.1', 80)).toEqual(['/ip4/127.0.0.1/tcp/80/ws'])
    expect(socketAddresses('peers.example.org', 80)).toEqual(['/dns4/peers.example.org/tcp/80/ws'])
    expect(socketAddresses('0.0.0.0', 80)).toContain('/ip4/127.0.0.1/tcp/80/ws')
  })

  it('take a name from a Host header only if it is a plain one', () => {
    expect(hostnameOf('Example.org:8080')).toBe('example.org')
    expect(hostnameOf('127.0.0.1')).toBe('127.0.0.1')
    for (const hostile of [
      undefined,
      '',
      'a/b',
      'a b',
      '[::1]:80',
      '-a',
      'a:b',
      'x'.repeat(300),
      'a\r\nb',
      'a/../../p2p',
    ]) {
      expect(hostnameOf(hostile)).toBeUndefined()
    }
  })
})
