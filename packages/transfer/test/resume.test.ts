import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Libp2p } from 'libp2p'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  CHUNK_BYTES,
  type Content,
  type DownloadProgress,
  download,
  FileServer,
  identify,
  MemorySink,
  memoryContent,
} from '../src/index.ts'
import { fileSink } from '../src/node.ts'
import { newJournal } from '../src/sinks/journal.ts'
import { patterned } from './bytes.ts'
import { failureOf } from './failure-of.ts'
import { startNode } from './nodes.ts'
import { Swarm } from './swarm.ts'
import { temporaryFolder } from './temporary-folder.ts'

const CHUNKS = 20
const BYTES = patterned((CHUNKS - 1) * CHUNK_BYTES + 1000)
const IDENTITY = await identify(memoryContent('file', BYTES))
const FILE = { cid: IDENTITY.cid, size: BYTES.length }

/** The file, which counts the chunks that are read of it, and gives no more than some. */
class CountedContent implements Content {
  readonly name = 'file'
  readonly size = BYTES.length
  readonly asked: number[] = []
  chunksMax = Number.POSITIVE_INFINITY

  async read(start: number, end: number): Promise<Uint8Array> {
    this.asked.push(Math.floor(start / CHUNK_BYTES))
    if (this.asked.length > this.chunksMax) await new Promise(() => undefined)
    return BYTES.subarray(start, end)
  }
}

/** Begins to fetch in another process. */
function fetchElsewhere(node: Libp2p, path: string, fileKilobytesMax = 'unlimited'): ChildProcess {
  const script = join(import.meta.dirname, 'fetch-to-disk.ts')
  const args = [String(node.getMultiaddrs()[0]), IDENTITY.cid.toString(), String(BYTES.length), path]
  const command = `ulimit -f ${fileKilobytesMax}; exec "$0" --conditions=source "$@"`
  const child = spawn('bash', ['-c', command, process.execPath, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** The first line that is as wanted. */
async function lineOf({ stdout }: ChildProcess, isWanted: (line: string) => boolean): Promise<string> {
  if (stdout === null) throw new Error('The process prints nothing')
  for await (const line of createInterface({ input: stdout })) if (isWanted(line)) return line
  throw new Error('The process ended without a word')
}

async function served(): Promise<{ node: Libp2p; content: CountedContent }> {
  const node = await startNode('tcp')
  const content = new CountedContent()
  const server = new FileServer(node)
  await server.start()
  server.add(IDENTITY, content)
  return { node, content }
}

/** Fetches the rest to disk, in this process. */
async function fetchRest(node: Libp2p, path: string): Promise<DownloadProgress> {
  const client = await startNode('tcp')
  await client.dial(node.getMultiaddrs())
  const sink = await fileSink(path, FILE)
  const { progress } = await download(client, { ...FILE, sources: [node.peerId], sink })
  expect(sink.path).toBe(path)
  expect(Buffer.compare(await readFile(path), BYTES)).toBe(0)
  return progress
}

describe('a process that is killed amid a download', () => {
  it.each([1, 10, 19])(
    'with %i of 20 chunks goes on where it stopped, and fetches none of them again',
    async (done) => {
      const path = join(await temporaryFolder(), 'file.bin')
      const { node, content } = await served()
      content.chunksMax = done
      const child = fetchElsewhere(node, path)
      await lineOf(child, (line) => Number(line) >= done)
      child.kill('SIGKILL')
      await once(child, 'exit')
      content.chunksMax = Number.POSITIVE_INFINITY
      content.asked.length = 0
      const { keptBytes } = await fetchRest(node, path)
      expect(keptBytes).toBe(done * CHUNK_BYTES)
      expect(content.asked.length).toBe(CHUNKS - done)
      expect(new Set(content.asked).size).toBe(CHUNKS - done)
    }
  )
})

describe('a disk that is full', () => {
  it('ends a download with a sentence; nothing is lost, and it goes on when there is room', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'file.bin')
    const { node, content } = await served()
    // The shell lets no file grow over 7 MiB and a half, as a full disk would.
    const child = fetchElsewhere(node, path, String(7.5 * 1024))
    expect(await lineOf(child, (line) => Number.isNaN(Number(line)))).toBe(
      'sink-full: There is not enough space to save this file.'
    )
    await once(child, 'exit')
    expect((await readdir(folder)).sort()).toEqual(['file.bin.part', 'file.bin.part.chunks'])
    content.asked.length = 0
    const { keptBytes } = await fetchRest(node, path)
    expect(keptBytes).toBeGreaterThan(0)
    expect(content.asked.length).toBe(CHUNKS - keptBytes / CHUNK_BYTES)
    expect(await readdir(folder)).toEqual(['file.bin'])
  })
})

describe('what an earlier run left', () => {
  /** A part file with its journal, as a process that was killed leaves them. */
  async function left(path: string, chunks: readonly number[], owner = 0): Promise<void> {
    const sink = await fileSink(path, FILE)
    await sink.keepLeaves?.(IDENTITY.leaves)
    for (const index of chunks)
      await sink.write(index * CHUNK_BYTES, BYTES.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))
    await sink.suspend()
    const journal = await open(`${path}.part.chunks`, 'r+')
    await journal.write(Uint8Array.of(owner >>> 24, owner >>> 16, owner >>> 8, owner), 0, 4, 16)
    await journal.close()
  }

  async function resumed(path: string): Promise<{ asked: number[]; progress: DownloadProgress; path: string }> {
    const swarm = await Swarm.create()
    const content = new CountedContent()
    const { peerId } = await swarm.share(IDENTITY, content)
    const sink = await fileSink(path, FILE)
    const { progress } = await download(swarm, { ...FILE, sources: [peerId], sink })
    expect(Buffer.compare(await readFile(sink.path), BYTES)).toBe(0)
    return { asked: content.asked, progress, path: sink.path }
  }

  it('counts chunk by chunk: one that was damaged is fetched again', async () => {
    const path = join(await temporaryFolder(), 'file.bin')
    await left(path, [3, 5, CHUNKS - 1])
    const part = await open(`${path}.part`, 'r+')
    await part.write(Uint8Array.of(1, 2, 3), 0, 3, 5 * CHUNK_BYTES)
    await part.close()
    const { asked, progress } = await resumed(path)
    expect(asked).toHaveLength(CHUNKS - 2)
    expect(asked).toContain(5)
    expect(progress.keptBytes).toBe(CHUNK_BYTES + 1000)
  })

  it('counts for nothing where the part is shorter than it was, or the hashes are not those of the file', async () => {
    const path = join(await temporaryFolder(), 'file.bin')
    await left(path, [3, 5])
    await writeFile(`${path}.part`, BYTES.subarray(0, 4 * CHUNK_BYTES))
    const journal = await open(`${path}.part.chunks`, 'r+')
    await journal.write(Uint8Array.of(9), 0, 1, 60)
    await journal.close()
    const { asked, progress } = await resumed(path)
    expect(progress.keptBytes).toBe(CHUNK_BYTES)
    expect(asked).not.toContain(3)
  })

  it('is enough, if it is all: nobody is asked', async () => {
    const path = join(await temporaryFolder(), 'file.bin')
    await left(
      path,
      Array.from({ length: CHUNKS }, (_, index) => index)
    )
    const sink = await fileSink(path, FILE)
    await download(await Swarm.create(), { ...FILE, sources: [], sink })
    expect(Buffer.compare(await readFile(path), BYTES)).toBe(0)
  })

  it('is left alone while another process writes it, or when it is of another file', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'file.bin')
    await left(path, [1], process.ppid)
    expect((await resumed(path)).asked).toHaveLength(CHUNKS)
    const other = await fileSink(path, { cid: IDENTITY.cid, size: BYTES.length - 1 })
    expect(other.path).toBe(join(folder, 'file (2).bin.part'))
    await other.abort()
  })

  it("is a journal alone, of a file that was whole: it is in nobody's way", async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.part.chunks'), newJournal({ ...FILE, size: FILE.size - 1 }, 0, 'a'))
    const sink = await fileSink(join(folder, 'a'), FILE)
    expect([sink.path, sink.kept]).toEqual([join(folder, 'a.part'), undefined])
    await sink.suspend()
    const next = await fileSink(join(folder, 'a'), FILE)
    await sink.abort()
    expect((await readdir(folder)).sort()).toEqual(['a.part', 'a.part.chunks'])
    await next.abort()
    expect(await readdir(folder)).toEqual([])
  })

  it('is no journal: nothing there is touched', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'a.part'), 'a person wrote this')
    await writeFile(join(folder, 'a (2).part.chunks'), patterned(500))
    await writeFile(join(folder, 'a (3).part.chunks'), newJournal(FILE, 0, 'a').subarray(0, 30))
    const sink = await fileSink(join(folder, 'a'), FILE)
    expect(sink.path).toBe(join(folder, 'a (4).part'))
    await sink.abort()
    expect(await readFile(join(folder, 'a.part'), 'utf8')).toBe('a person wrote this')
    expect((await readdir(folder)).length).toBe(3)
  })

  it('in memory is gone on with as long as the sink lives; what is aborted is gone', async () => {
    const swarm = await Swarm.create()
    const content = new CountedContent()
    content.chunksMax = 4
    const { peerId } = await swarm.share(IDENTITY, content)
    const sink = new MemorySink(BYTES.length)
    const controller = new AbortController()
    const onProgress = ({ chunksDone }: DownloadProgress) => void (chunksDone === 4 && controller.abort())
    const request = { ...FILE, sources: [peerId], sink }
    const paused = await failureOf(download(swarm, request, { signal: controller.signal, onProgress }))
    expect([paused.reason, sink.state]).toEqual(['aborted', 'suspended'])
    content.chunksMax = Number.POSITIVE_INFINITY
    content.asked.length = 0
    await download(swarm, request)
    expect(content.asked).toHaveLength(CHUNKS - 4)
    expect(Buffer.compare(sink.bytes ?? Buffer.of(0), BYTES)).toBe(0)
    await sink.abort()
    expect(sink.kept.chunks).toEqual([])
  })
})
