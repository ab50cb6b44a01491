import type { Library, SharedFile } from '@servent/library'
import { utf8Size } from '@servent/wire'
import { CID_BYTES_MAX, writeSongWhole } from './codec/song.ts'
import { DATA_BYTES_MAX } from './framing.ts'
import type { Message, SharedSong, ShareFolder } from './messages.ts'
import { sharedName } from './names.ts'
import { NO_MD5 } from './segment.ts'

/** Bytes of a `ShareFolder` before its first song: the name of no folder. */
const FOLDER_BYTES = 2

/**
 * What an index has been told of a library, and what it still has to be told. A file goes by a name of its own, even if
 * another has the same.
 */
export class Shares {
  readonly #library: Library
  readonly #filesMax: number
  readonly #fileByName = new Map<string, number>()
  readonly #nameByFile = new Map<number, string>()
  #untold: number[] = []
  #revision = -1

  /** @param filesMax - how many files are told at the most */
  constructor(library: Library, filesMax: number) {
    this.#library = library
    this.#filesMax = filesMax
  }

  get count(): number {
    return this.#fileByName.size
  }

  /** Whether there is anything that the index does not know. */
  get isTold(): boolean {
    return this.#untold.length === 0
  }

  /** The index in the library of the file that goes by a name. */
  fileOf(name: string): number | undefined {
    const file = this.#fileByName.get(name)
    return file === undefined || this.#library.get(file) === undefined ? undefined : file
  }

  /** Looks at the library again. Gives what the index has to be told at once: what is gone. What is new waits for `next`. */
  sync(): Message[] {
    if (this.#library.revision === this.#revision) return []
    this.#revision = this.#library.revision
    const gone: Message[] = []
    for (const [file, name] of this.#nameByFile) {
      if (this.#library.get(file) !== undefined) continue
      this.#nameByFile.delete(file)
      this.#fileByName.delete(name)
      gone.push({ type: 'Unshare', name })
    }
    for (const file of this.#library) {
      if (this.#fileByName.size >= this.#filesMax) break
      if (this.#nameByFile.has(file.index)) continue
      const name = sharedName(file, (taken) => this.#fileByName.has(taken))
      this.#fileByName.set(name, file.index)
      this.#nameByFile.set(file.index, name)
      this.#untold.push(file.index)
    }
    return gone
  }

  /** The next songs to tell, as few messages as they fit into, of some `bytesMax` bytes together. */
  next(bytesMax: number): ShareFolder[] {
    const messages: ShareFolder[] = []
    let songs: SharedSong[] = []
    let bytes = FOLDER_BYTES
    let allBytes = 0
    let told = 0
    for (const index of this.#untold) {
      if (allBytes >= bytesMax) break
      told++
      const song = this.#songOf(index)
      if (song === undefined) continue
      const songBytes = 1 + utf8Size(writeSongWhole(song))
      if (bytes + songBytes > DATA_BYTES_MAX) {
        messages.push({ type: 'ShareFolder', folder: '', songs })
        songs = []
        bytes = FOLDER_BYTES
      }
      songs.push(song)
      bytes += songBytes
      allBytes += songBytes
    }
    if (songs.length > 0) messages.push({ type: 'ShareFolder', folder: '', songs })
    this.#untold = this.#untold.slice(told)
    return messages
  }

  #songOf(index: number): SharedSong | undefined {
    const file: SharedFile | undefined = this.#library.get(index)
    const name = this.#nameByFile.get(index)
    if (file === undefined || name === undefined) return undefined
    const { size, sha1 } = file
    const cid = file.cid !== undefined && file.cid.length <= CID_BYTES_MAX ? file.cid : undefined
    return { name, md5: NO_MD5, size, bitrate: 0, frequency: 0, seconds: 0, cid, sha1 }
  }
}
