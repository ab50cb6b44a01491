import { Library, safeName } from '@servent/library'

const library = new Library()
library.add({ name: 'Größe & Maße.pdf', size: 52_000, sha1: undefined, cid: undefined })
library.add({ name: 'alpha song.mp3', size: 4_100_000, sha1: undefined, cid: undefined })

export const found: string[] = []
for (const file of library.search('GROSSE masse', 10)) found.push(`${file.index} ${file.name}`)

export const shown: string = safeName('../../report\u202Efdp.exe')
