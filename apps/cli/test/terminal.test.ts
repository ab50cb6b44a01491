import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, percent, plural } from '../src/format.ts'
import { Terminal, type TextStream } from '../src/terminal.ts'

class Recorded implements TextStream {
  readonly isTTY: boolean
  readonly columns: number
  text = ''

  constructor(isTTY: boolean, columns = 80) {
    this.isTTY = isTTY
    this.columns = columns
  }

  write(text: string): void {
    this.text += text
  }
}

const half = { doneBytes: 500_000, totalBytes: 1_000_000, bytesPerSecond: 250_000, leftMs: 2000 }

describe('numbers for a person', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [9949, '9.9 kB'],
    [9951, '10 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [5.5e12, '5.5 TB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [200, 'under 1 s'],
    [41_600, '42 s'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
  ])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it('count', () => {
    expect(percent(1, 3)).toBe(33)
    expect(percent(0, 0)).toBe(100)
    expect(plural(1, 'file', 'files')).toBe('1 file')
    expect(plural(0, 'file', 'files')).toBe('0 files')
  })
})

describe('a terminal', () => {
  it('gets a bar that is drawn over, and cleared before the next line', () => {
    const error = new Recorded(true)
    const terminal = new Terminal(new Recorded(true), error, false)
    terminal.progress('song.mp3', half)
    expect(error.text).toContain('50 %  500 kB  250 kB/s  2 s left  song.mp3')
    expect(error.text).not.toContain('\n')
    terminal.note('Done.')
    expect(error.text).toMatch(/\r {20,}\rDone\.\n$/)
  })

  it('never draws beyond its last column, however long the name', () => {
    const error = new Recorded(true, 60)
    new Terminal(new Recorded(true), error, false).progress('x'.repeat(500), half)
    expect(error.text.replace('\r', '').length).toBeLessThan(60)
  })

  it('that is none gets one line for each ten percent', () => {
    const error = new Recorded(false)
    const terminal = new Terminal(new Recorded(false), error, false)
    for (let done = 0; done <= 100; done++) terminal.progress('a', { ...half, doneBytes: done, totalBytes: 100 })
    expect(error.text.split('\n')).toHaveLength(12)
    expect(error.text).toContain('a 50 %\n')
  })

  it('prints results alone to standard output, as objects when asked', () => {
    const [out, error] = [new Recorded(false), new Recorded(false)]
    const terminal = new Terminal(out, error, true)
    terminal.note('Searching…')
    terminal.result('a line', { name: 'a' })
    expect(out.text).toBe('{"name":"a"}\n')
    expect(error.text).toBe('Searching…\n')
  })
})
