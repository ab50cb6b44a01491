import { memoryContent } from '@servent/transfer'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  decodeProbeAnswer,
  decodeProbeRequest,
  encodeProbe,
  type ProbeAnswer,
  ProbeMessageError,
  type ProbeRequest,
} from '../src/probe/messages.ts'
import { isNeighborOf, Network, until } from './network.ts'

const CID = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
const REQUEST: ProbeRequest = { cid: CID, name: 'Jazz.txt', size: 5 }
const ANSWER: ProbeAnswer = {
  findings: [
    { overlay: 'gnutella', state: 'found', hops: 2, afterMs: 84 },
    { overlay: 'chord', state: 'not-found', hops: undefined, afterMs: undefined },
  ],
}

describe('a probe message', () => {
  it('is read as it was written', () => {
    expect(decodeProbeRequest(encodeProbe(REQUEST))).toEqual(REQUEST)
    expect(decodeProbeAnswer(encodeProbe(ANSWER))).toEqual(ANSWER)
    expect(decodeProbeAnswer(encodeProbe({ isBusy: true }))).toEqual({ isBusy: true })
  })

  it('of any bytes, or of any JSON, is a message or none', () => {
    const text = fc.oneof(fc.json(), fc.string())
    const bytes = fc.oneof(
      fc.uint8Array(),
      text.map((value) => new TextEncoder().encode(value))
    )
    fc.assert(
      fc.property(bytes, (message) => {
        for (const decode of [decodeProbeRequest, decodeProbeAnswer]) {
          try {
            decode(message)
          } catch (error) {
            expect(error).toBeInstanceOf(ProbeMessageError)
          }
        }
      }),
      { seed: 1 }
    )
  })

  it('takes no number that makes no sense, no overlay that there is none of, and no path for a name', () => {
    const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
    const finding = { overlay: 'gnutella', state: 'found', hops: -1, afterMs: 1e300 }
    expect(decodeProbeAnswer(bytes({ findings: [finding] }))).toEqual({
      findings: [{ ...finding, hops: undefined, afterMs: undefined }],
    })
    expect(() => decodeProbeAnswer(bytes({ findings: [{ overlay: '<b>', state: 'found' }] }))).toThrow(
      ProbeMessageError
    )
    expect(() => decodeProbeAnswer(bytes({ findings: Array(7).fill(finding) }))).toThrow(ProbeMessageError)
    expect(decodeProbeRequest(bytes({ ...REQUEST, name: '../../etc/passwd' })).name).not.toContain('/')
    expect(() => decodeProbeRequest(bytes({ ...REQUEST, size: -1 }))).toThrow(ProbeMessageError)
  })
})

describe('a probe', () => {
  let network: Network
  beforeEach(() => {
    network = new Network()
  })
  afterEach(() => network.stop())

  it('tells by which overlays another peer finds what is shared', async () => {
    const bootstrap = await network.startBootstrap({ lookups: [] })
    const peer = await network.peer({ lookups: [] })
    await until(peer, () => isNeighborOf(peer, bootstrap))
    const { cid } = await peer.share(memoryContent('Jazz piano.txt', new Uint8Array(5)))

    const report = await peer.probe(cid)
    expect(report.by).toEqual(bootstrap.identity)
    expect(report.findings).toEqual([
      { overlay: 'gnutella', state: 'found', hops: 1, afterMs: expect.any(Number) },
      { overlay: 'napster', state: 'failed', hops: undefined, afterMs: undefined },
    ])
    await expect(peer.probe(CID)).rejects.toThrow(RangeError)
  })

  it('says so when nobody is there, and when those who are there are asked too often', async () => {
    const alone = await network.peer({ bootstrap: [], lookups: [] })
    const { cid } = await alone.share(memoryContent('Alone.txt', new Uint8Array(1)))
    await expect(alone.probe(cid)).rejects.toThrow('Nobody is connected who could look for it.')

    const bootstrap = await network.startBootstrap({ lookups: [] })
    const eager = await network.peer({ lookups: [] })
    await until(eager, () => isNeighborOf(eager, bootstrap))
    const share = await eager.share(memoryContent('Eager.txt', new Uint8Array(2)))
    for (let i = 0; i < 6; i++) await eager.probe(share.cid)
    await expect(eager.probe(share.cid)).rejects.toThrow('are busy')
  })
})
