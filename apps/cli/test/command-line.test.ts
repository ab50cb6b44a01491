import { homedir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { parseCommandLine } from '../src/command-line.ts'
import { UsageError } from '../src/errors.ts'

const CID = 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

describe('a command line', () => {
  it('is a folder to share', () => {
    expect(parseCommandLine(['share', 'music'], {})).toEqual({
      command: 'share',
      folder: 'music',
      gateway: undefined,
      uploads: {},
      bootstrap: ['http://localhost:8080'],
      data: `${homedir()}/.local/share/servent`,
      json: false,
    })
  })

  it('says what others may take at most', () => {
    const uploadsIn = (...flags: string[]) => parseCommandLine(['share', '.', ...flags], {})
    expect(uploadsIn('--rate', '1.5 MB', '--slots', '4')).toMatchObject({
      uploads: { bytesPerSecondMax: 1_500_000, uploadSlotsMax: 4 },
    })
    expect(uploadsIn('--rate', '500kB/s')).toMatchObject({ uploads: { bytesPerSecondMax: 500_000 } })
    for (const wrong of [
      ['--rate', 'fast'],
      ['--rate', '1kB'],
      ['--slots', '0'],
      ['--slots', '2.5'],
    ]) {
      expect(() => uploadsIn(...wrong)).toThrow(UsageError)
    }
  })

  it('says where a gateway is wanted', () => {
    const gatewayIn = (text: string) => parseCommandLine(['share', '.', '--gateway', text], {})
    expect(gatewayIn('8081')).toMatchObject({ gateway: { host: '127.0.0.1', port: 8081 } })
    expect(gatewayIn('0.0.0.0:0')).toMatchObject({ gateway: { host: '0.0.0.0', port: 0 } })
    expect(gatewayIn('[::1]:80')).toMatchObject({ gateway: { host: '::1', port: 80 } })
    for (const text of ['', '65536', 'a:', ':80', '80:a', 'http://a:80'])
      expect(() => gatewayIn(text)).toThrow(UsageError)
  })

  it('is words to search for, with their options anywhere', () => {
    const line = parseCommandLine(['search', '--wait', '2', 'jazz', '--json', 'piano', '--ttl=3'], {})
    expect(line).toMatchObject({ command: 'search', words: 'jazz piano', waitMs: 2000, ttl: 3, json: true })
  })

  it('is a link to get', () => {
    const link = `http://localhost:8080/#/get/${CID}?name=song.mp3&size=12`
    expect(parseCommandLine(['get', link, '--out', '/tmp'], {})).toMatchObject({
      command: 'get',
      out: '/tmp',
      target: { cid: CID, name: 'song.mp3', size: 12 },
    })
  })

  it('is a bare CID to get', () => {
    expect(parseCommandLine(['get', CID], {})).toMatchObject({ command: 'get', out: '.', target: { cid: CID } })
  })

  it('is links to keep and how much room they have, or what is kept already', () => {
    expect(parseCommandLine(['keep', CID, '--budget', '1.5 GB', '--gateway', '8081'], {})).toMatchObject({
      command: 'keep',
      targets: [{ cid: CID }],
      budgetBytes: 1_500_000_000,
      gateway: { port: 8081 },
    })
    expect(parseCommandLine(['keep'], {})).toMatchObject({ command: 'keep', targets: [], budgetBytes: 10_000_000_000 })
    expect(parseCommandLine(['keep', '--list'], {})).toMatchObject({ command: 'kept', drop: [] })
    expect(parseCommandLine(['keep', '--drop', CID], {})).toMatchObject({ command: 'kept', drop: [CID] })
    for (const wrong of [['x'], ['--list', CID], ['--drop', 'x'], ['--budget', 'much'], ['--budget', '0']]) {
      expect(() => parseCommandLine(['keep', ...wrong], {}), wrong.join(' ')).toThrow(UsageError)
    }
  })

  it('takes bootstrap nodes and folders from the environment, and flags before it', () => {
    const env = { SERVENT_BOOTSTRAP: 'http://a.example,http://b.example', XDG_DATA_HOME: '/data' }
    expect(parseCommandLine(['share', '.'], env)).toMatchObject({
      bootstrap: ['http://a.example', 'http://b.example'],
      data: '/data/servent',
    })
    expect(parseCommandLine(['share', '.', '--bootstrap', 'http://c.example', '--data', '/d'], env)).toMatchObject({
      bootstrap: ['http://c.example'],
      data: '/d',
    })
  })

  it.each([
    ['--help'],
    ['-h'],
    ['help'],
    ['share', '--help'],
    ['search', '-h'],
    ['get', 'x', '--help'],
    ['keep', '-h'],
  ])('asks for help: %s %s', (...args) => {
    expect(parseCommandLine(args, {})).toMatchObject({ command: 'print', text: expect.stringContaining('servent') })
  })

  it.each([
    [[], 'Which command?'],
    [['serve'], 'There is no command "serve"'],
    [['share'], 'takes one folder'],
    [['share', 'a', 'b'], 'takes one folder'],
    [['search'], 'takes the words'],
    [['search', ' '], 'takes the words'],
    [['search', 'a', '--ttl', '99'], '--ttl takes a whole number from 1 to 7, not "99".'],
    [['search', 'a', '--wait', 'soon'], '--wait takes a whole number from 1 to 600, not "soon".'],
    [['get'], 'takes one link'],
    [['get', 'http://localhost:8080/'], 'is no link to a file'],
    [['share', '.', '--loud'], "Unknown option '--loud'"],
    [['share', '.', '--bootstrap', 'localhost:8080'], '--bootstrap takes a URL like http://localhost:8080'],
  ])('that makes no sense is answered with a sentence: %j', (args, sentence) => {
    expect(() => parseCommandLine(args, {})).toThrow(UsageError)
    expect(() => parseCommandLine(args, {})).toThrow(sentence)
  })
})
