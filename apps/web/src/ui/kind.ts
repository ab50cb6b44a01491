/** What a person takes a file for. */
export type Kind = 'audio' | 'video' | 'image' | 'text' | 'archive' | 'code' | 'file'

const EXTENSIONS: Readonly<Record<Exclude<Kind, 'file'>, string>> = {
  audio: 'mp3 ogg oga opus flac wav m4a aac mid midi',
  video: 'mp4 mkv webm avi mov ogv mpg mpeg',
  image: 'jpg jpeg png gif svg webp avif bmp tif tiff heic',
  text: 'txt md pdf epub doc docx odt rtf html htm csv tex ps xls xlsx ods ppt pptx odp',
  archive: 'zip tar gz xz bz2 zst 7z rar iso deb dmg jar',
  code: 'js ts jsx tsx mjs c h cpp rs go py java rb sh json xml yaml yml toml css sql wasm',
}

const kinds = new Map(
  Object.entries(EXTENSIONS).flatMap(([kind, list]) => list.split(' ').map((extension) => [extension, kind as Kind]))
)

/** By the extension of its name alone: a hint for the eye, nothing is decided by it. */
export function kindOf(name: string): Kind {
  const dot = name.lastIndexOf('.')
  if (dot <= 0) return 'file'
  return kinds.get(name.slice(dot + 1).toLowerCase()) ?? 'file'
}
