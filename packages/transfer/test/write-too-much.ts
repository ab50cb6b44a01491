// Run by disk.test.ts in a process that may write 64 KiB only: writes 1 MiB and prints what came of it.
import { identify, memoryContent } from '../src/index.ts'
import { fileSink } from '../src/node.ts'

const { cid } = await identify(memoryContent('a', new Uint8Array(1_048_576)))
const sink = await fileSink(process.argv[2] ?? '', { cid, size: 1_048_576 })
try {
  await sink.write(0, new Uint8Array(1_048_576))
  process.stdout.write('no error\n')
} catch (error) {
  process.stdout.write(`${error}\n`)
} finally {
  await sink.abort()
}
