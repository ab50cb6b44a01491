import { EMPTY_LIBRARY, Library } from '@servent/library'
import type { Random } from '@servent/machine'
import { EXPONENT, SHARERS, type Workload, Zipf } from './workload.ts'

/** Different words that titles are made of. Ours: some thousand, as in a small dictionary of song titles. */
const WORDS = 5000
// From Zipf, "Human Behavior and the Principle of Least Effort" (1949): the frequency of a word falls with its rank.
const WORDS_EXPONENT = 1
const WORDS_PER_TITLE = 3

// Ours: a heavy tail, as Saroiu, Gummadi and Gribble measured it ("A Measurement Study of Peer-to-Peer File Sharing
// Systems", 2002): most of those who share have a few files, and few have hundreds. The mean is ten.
const FILES_MIN = 4
const FILES_TAIL = 1.6
const FILES_MAX = 200

const CONSONANTS = 'bcdfghjklmnprstvz'
const VOWELS = 'aeiou'
const SYLLABLES = CONSONANTS.length * VOWELS.length
/** The most frequent words are of two syllables, the others of three. */
const SHORT_WORDS = 1000
/** A step that has no factor in common with a power of the syllables: it deals out all words before it repeats one. */
const STEP = 48_271

/**
 * A third of the nodes share files of their own choice, drawn by popularity, so that there are files that a tenth of all
 * have and many more that two or three have. There are as many titles as nodes, each of three words that other titles
 * have too: a node may have all the words of a query and not the file.
 */
export class OwnFiles implements Workload {
  readonly files: number
  readonly #titles: readonly string[]
  /** The files of each node, or undefined if it shares none. */
  readonly #filesOf: (Uint32Array | undefined)[] = []
  /** The nodes that have each file. */
  readonly #holders: (number[] | undefined)[]
  readonly #libraries: (Library | undefined)[]
  readonly #popularity: Zipf
  readonly #sharedCount: number

  constructor(nodes: number, random: Random) {
    this.files = Math.max(2 * FILES_MIN, nodes)
    this.#popularity = new Zipf(this.files, EXPONENT)
    this.#titles = drawTitles(this.files, random)
    this.#holders = Array.from({ length: this.files }, () => undefined)
    this.#libraries = Array.from({ length: nodes }, () => undefined)
    for (let node = 0; node < nodes; node++) {
      this.#filesOf.push(random() < SHARERS ? this.#collect(node, random) : undefined)
    }
    this.#sharedCount = this.#holders.filter((holders) => holders !== undefined).length
  }

  libraryOf(node: number): Library {
    const files = this.#filesOf[node]
    if (files === undefined) return EMPTY_LIBRARY
    let library = this.#libraries[node]
    if (library === undefined) {
      library = new Library()
      for (const file of files) {
        library.add({ name: `${this.#titles[file]}.mp3`, size: sizeOf(file), sha1: undefined, cid: undefined })
      }
      this.#libraries[node] = library
    }
    return library
  }

  holds(node: number, file: number): boolean {
    return this.#filesOf[node]?.includes(file) ?? false
  }

  holdersOf(file: number): readonly number[] {
    return this.#holders[file] ?? []
  }

  draw(random: Random): number {
    let file = this.#popularity.draw(random)
    while (this.#sharedCount > 0 && this.#holders[file] === undefined) file = this.#popularity.draw(random)
    return file
  }

  criteriaFor(file: number): string {
    return this.#titles[file] as string
  }

  #collect(node: number, random: Random): Uint32Array {
    const count = Math.min(FILES_MAX, this.files >>> 1, Math.floor(FILES_MIN * (1 - random()) ** (-1 / FILES_TAIL)))
    const files = new Set<number>()
    while (files.size < count) {
      const file = this.#popularity.draw(random)
      if (files.has(file)) continue
      files.add(file)
      const holders = this.#holders[file]
      if (holders === undefined) this.#holders[file] = [node]
      else holders.push(node)
    }
    return Uint32Array.from(files)
  }
}

/** Different titles: no two have the same words, so that all the words of one find no other. */
function drawTitles(count: number, random: Random): string[] {
  const frequency = new Zipf(WORDS, WORDS_EXPONENT)
  const titles = new Set<string>()
  while (titles.size < count) {
    const ranks = new Set<number>()
    while (ranks.size < WORDS_PER_TITLE) ranks.add(frequency.draw(random))
    titles.add(Array.from(ranks).sort(byNumber).map(wordOf).join(' '))
  }
  return [...titles]
}

/** The word of a rank: made of syllables, as no word list would be small enough to carry along. */
function wordOf(rank: number): string {
  const count = rank < SHORT_WORDS ? 2 : 3
  let rest = (rank * STEP) % SYLLABLES ** count
  let word = ''
  for (let i = 0; i < count; i++) {
    const syllable = rest % SYLLABLES
    word += CONSONANTS.charAt(Math.floor(syllable / VOWELS.length)) + VOWELS.charAt(syllable % VOWELS.length)
    rest = Math.floor(rest / SYLLABLES)
  }
  return word
}

/** Bytes of a file: a song of three to six megabytes, the same wherever it is. */
function sizeOf(file: number): number {
  return 3_000_000 + ((file * STEP) % 3_000_000)
}

function byNumber(a: number, b: number): number {
  return a - b
}
