const COMMON = `  --bootstrap URL  a bootstrap node's page; repeatable     (http://localhost:8080, SERVENT_BOOTSTRAP)
  --data FOLDER    keeps the keys that make you who you are (~/.local/share/servent, SERVENT_DATA)
  --json           one JSON object a line on standard output
  --help           this text`

const SERVING = `  --rate SIZE      what all that is fetched from here may take each second, as 500kB (no limit)
  --slots N        how many peers are served at once        (16)
  --gateway PORT   give files over plain HTTP, too, at /ipfs/; ADDRESS:PORT to others than this machine`

/** What `--help` prints, of the program and of each command. */
export const HELP = {
  servent: `servent: share files with whoever is there, find theirs by words, fetch them verified.

  servent share FOLDER     share every file of a folder until stopped
  servent search WORDS     list files whose names have all the words
  servent get LINK         fetch a file, or a whole folder, into this folder
  servent keep LINK        fetch a file and serve it to others until stopped

${COMMON}

servent COMMAND --help says more. Exit codes: 0 done, 1 failed or nothing found, 2 not understood.
`,
  share: `servent share FOLDER: shares every file of a folder, and those of the folders in it, until stopped with Ctrl-C.

The files stay where they are. A link to each is printed, and at the end one to the whole folder: whoever opens it fetches the file,
or all of them, from you. When the folder changes, its new link is printed; the last eight before it go on working.

${SERVING}
${COMMON}
`,
  search: `servent search WORDS: lists files of others whose names have all the words. Case and accents do not matter.

  --wait SECONDS   how long to wait for answers             (5)
  --ttl N          how many links the question travels      (7)
  --overlay NAME   gnutella or napster; repeatable          (all that are on)
${COMMON}
`,
  get: `servent get LINK: fetches the file that a link names; each piece is verified before it is written. Of a link to a folder all
files are fetched, into a folder of its name, each at its place; what is there already is not fetched again.

  --out FOLDER     where the file goes                      (this folder)
${COMMON}
`,
  keep: `servent keep [LINK ...]: fetches files and serves them to others until stopped with Ctrl-C, and again whenever it runs.

When the disk space that it may have is used up, what was fetched by others the longest ago goes. Without a link it serves what
it keeps. A file that nobody has now is looked for again and again.

  --budget SIZE    disk space for all that is kept, as 500MB (10GB)
  --list           list what is kept, and end
  --drop CID       keep a file no more, and end; repeatable
${SERVING}
${COMMON}
`,
} as const

export function isCommandName(name: string): name is 'share' | 'search' | 'get' | 'keep' {
  return name === 'share' || name === 'search' || name === 'get' || name === 'keep'
}
