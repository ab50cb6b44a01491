import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createServent } from '@servent/servent'
import { fetchFrom, nowhere, whenStatus } from './fetch.ts'
import type { Offer } from './node-sharer.ts'
import { interleave, type Rates, rateOf, ratesOf, times } from './rates.ts'
import { writeVaried } from './tabs.ts'

const SHARER = fileURLToPath(new URL('./node-sharer.ts', import.meta.url))

/** A file from one Node process to another, over TCP on the loopback interface. */
export interface NodePeersReport {
  readonly sizeBytes: number
  /** Hashing the file on disk in the sharing process. */
  readonly identifyRate: number
  /** `Servent.download`: encrypted, each chunk verified and then dropped. */
  readonly download: Rates
  /** A plain socket, neither encrypted nor framed, and one SHA-256 of all. */
  readonly plain: Rates
  readonly ratio: number
}

export async function nodePeers(size: number, rounds: number): Promise<NodePeersReport> {
  const folder = await mkdtemp(join(tmpdir(), 'servent-bench-'))
  const path = join(folder, 'bench.bin')
  await writeVaried(path, size)
  const sharer = spawn(process.execPath, ['--conditions=source', SHARER, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => sharer.once('exit', () => resolve()))
  try {
    const { bootstrap, shared, plainPort } = await offerOf(createInterface({ input: sharer.stdout }))
    const peer = await createServent({ bootstrap, privateAddresses: true })
    await whenStatus(peer, () => peer.status.phase === 'online')
    const found = await interleave(
      { download: () => fetchFrom(peer, [shared], nowhere, 'tcp'), plain: () => copyPlain(plainPort, size) },
      { rounds, warmUp: true }
    ).finally(() => peer.stop())
    const [download, plain] = [ratesOf(size, found.download), ratesOf(size, found.plain)]
    const identifyRate = rateOf(size, shared.identifyMs)
    return { sizeBytes: size, identifyRate, download, plain, ratio: times(download, plain) }
  } finally {
    sharer.stdin.end()
    await ended
    await rm(folder, { recursive: true, force: true })
  }
}

async function offerOf(lines: AsyncIterable<string>): Promise<Offer> {
  for await (const line of lines) return JSON.parse(line)
  throw new Error('The sharing process ended before it had anything to offer')
}

/** Milliseconds until all has come and is hashed. */
function copyPlain(port: number, size: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const hash = createHash('sha256')
    let received = 0
    const socket = connect(port, '127.0.0.1')
    socket.on('error', reject)
    socket.on('data', (part) => {
      hash.update(part)
      received += part.length
    })
    socket.on('end', () => {
      hash.digest()
      if (received === size) resolve(performance.now() - startedAt)
      else reject(new Error(`${received} bytes came instead of ${size}`))
    })
  })
}
