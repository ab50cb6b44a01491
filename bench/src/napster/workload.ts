/** Some owners share as much as they may, the others a hundred songs each. */
export const LARGE_OWNERS = 5
export const LARGE_OWNER_SONGS = 5000
export const OWNER_SONGS = 100

/** Different words of all names. */
const VOCABULARY = 200_000
/** Exponent of Zipf's law. Ours: that of words in a language. */
const EXPONENT = 1
/** Words of one name. */
const WORDS_MIN = 3
const WORDS_MAX = 7

const SYLLABLES = ['ba', 'che', 'du', 'fi', 'go', 'ka', 'lo', 'mi', 'nu', 'pe', 'ra', 'so', 'ti', 'vu', 'we', 'zo']

/** Searches by what they are made of. */
export interface Searches {
  /** One word, drawn as names draw theirs. */
  readonly oneWord: readonly string[]
  /** Two words of one name: nearly always a common one among them. */
  readonly twoWords: readonly string[]
  /** Two of the ten most common words. */
  readonly twoCommon: readonly string[]
  /** The most common word and the rarest there is. */
  readonly commonAndRare: readonly string[]
  /** A common word, and one that is in no name. */
  readonly misses: readonly string[]
}

/** The same names and searches in every run: words by Zipf's law. */
export class Workload {
  readonly #cumulative = new Float64Array(VOCABULARY)
  readonly #words: string[] = []
  #state = 1

  constructor() {
    let sum = 0
    for (let rank = 0; rank < VOCABULARY; rank++) {
      sum += 1 / (rank + 1) ** EXPONENT
      this.#cumulative[rank] = sum
      this.#words.push(wordOf(rank))
    }
  }

  /** A new name. */
  name(): string {
    const count = WORDS_MIN + this.#below(WORDS_MAX - WORDS_MIN + 1)
    return `${Array.from({ length: count }, () => this.#word()).join(' ')}.mp3`
  }

  /** `count` searches of each kind, for names that were drawn. */
  searches(names: readonly string[], count: number): Searches {
    const many = (draw: () => string) => Array.from({ length: count }, draw)
    const common = () => this.#words[this.#below(10)] as string
    const rarest = new Set(names.slice(-1000).flatMap((name) => name.split(' ').slice(-1)))
    const rare = [...rarest].map((word) => word.replace('.mp3', ''))
    return {
      oneWord: many(() => this.#word()),
      twoWords: many(() => {
        const words = (names[this.#below(names.length)] as string).replace('.mp3', '').split(' ')
        const first = this.#below(words.length - 1)
        return `${words[first]} ${words[first + 1]}`
      }),
      twoCommon: many(() => `${common()} ${common()}`),
      commonAndRare: many(() => `${this.#words[0]} ${rare[this.#below(rare.length)]}`),
      misses: many(() => `${common()} thereisnosuchword`),
    }
  }

  #word(): string {
    const wanted = this.#random() * (this.#cumulative[VOCABULARY - 1] as number)
    let [low, high] = [0, VOCABULARY - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#cumulative[middle] as number) < wanted) low = middle + 1
      else high = middle
    }
    return this.#words[low] as string
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count)
  }

  /** Mulberry32: a small generator that passes the usual tests, with the high bits as good as the low ones. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function wordOf(rank: number): string {
  let word = ''
  for (let rest = rank + 16; rest > 0; rest = Math.floor(rest / 16)) word += SYLLABLES[rest % 16]
  return word
}
