import { keywords } from '@servent/library'
import { napster, type SharedSong, SongIndex } from '@servent/napster'

/** An index of songs, as far as it is measured. */
export interface Candidate {
  addOwner(): number
  add(owner: number, song: SharedSong): void
  removeOwner(owner: number): void
  /** How many results there are, 100 at most. */
  search(words: string): number
}

const RESULTS_MAX = 100

/** The index of the Napster package. */
export function songIndex(songsMax: number): Candidate {
  const index = new SongIndex({ songsMax, candidatesMax: napster.defaults.candidatesMax })
  return {
    addOwner: () => index.addOwner(),
    add: (owner, song) => index.add(owner, song),
    removeOwner: (owner) => index.removeOwner(owner),
    search: (words) => index.search({ words: keywords(words) }, RESULTS_MAX).length,
  }
}

interface Entry {
  readonly owner: number
  readonly song: SharedSong
}

/** What one would write first: a Map of Sets of objects. A search goes through the smallest set. */
export function mapOfSets(): Candidate {
  const byWord = new Map<string, Set<Entry>>()
  const byOwner: Set<Entry>[] = []
  return {
    addOwner: () => byOwner.push(new Set()) - 1,
    add(owner, song) {
      const entry = { owner, song }
      byOwner[owner]?.add(entry)
      for (const word of keywords(song.name)) {
        const entries = byWord.get(word)
        if (entries === undefined) byWord.set(word, new Set([entry]))
        else entries.add(entry)
      }
    },
    removeOwner(owner) {
      for (const entry of byOwner[owner] ?? []) {
        for (const word of keywords(entry.song.name)) {
          const entries = byWord.get(word)
          entries?.delete(entry)
          if (entries?.size === 0) byWord.delete(word)
        }
      }
      byOwner[owner] = new Set()
    },
    search(words) {
      const sets = keywords(words).map((word) => byWord.get(word))
      if (sets.some((set) => set === undefined)) return 0
      const [smallest, ...others] = (sets as Set<Entry>[]).sort((a, b) => a.size - b.size)
      const found: Entry[] = []
      for (const entry of smallest ?? []) {
        if (!others.every((set) => set.has(entry))) continue
        found.push(entry)
        if (found.length === RESULTS_MAX) break
      }
      return found.length
    },
  }
}

/** No index at all: a search reads every name until it has enough. */
export function linearScan(): Candidate {
  const owners: SharedSong[][] = []
  return {
    addOwner: () => owners.push([]) - 1,
    add(owner, song) {
      owners[owner]?.push(song)
    },
    removeOwner(owner) {
      owners[owner] = []
    },
    search(words) {
      const wanted = keywords(words)
      let count = 0
      for (const songs of owners) {
        for (const { name } of songs) {
          // Words of these names are in lower case, with blanks between them: nothing has to be folded.
          if (!wanted.every((word) => ` ${name}`.includes(` ${word}`))) continue
          if (++count === RESULTS_MAX) return count
        }
      }
      return count
    },
  }
}
