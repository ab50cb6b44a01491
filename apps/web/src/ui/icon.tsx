import type { Kind } from './kind.ts'

/** Drawn on a 24 x 24 grid with a stroke of 1.7. */
const PATHS = {
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.3 15.3 20.5 20.5',
  get: 'M12 4v11M7.5 10.8 12 15.3l4.5-4.5M5 20h14',
  drop: 'M12 16V5M7.5 9.2 12 4.7l4.5 4.5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3',
  close: 'M6 6l12 12M18 6 6 18',
  retry: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4.5h-4.5',
  pause: 'M8.5 5v14M15.5 5v14',
  play: 'M7.5 4.5 18.5 12l-11 7.5z',
  check: 'M5 12.5 10 17.5 19.5 7',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.7l1-1',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5M20 14v2.5h-2M14 20h2.5M20 18v2',
  audio: 'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0ZM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0Z',
  video: 'M4 6h16v12H4zM10.5 9.5v5l4-2.5z',
  image: 'M4 5h16v14H4zM4 16l5-5 5 5M13 15l3-3 4 4M16 9h.01',
  text: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4M9 12h6M9 15.5h6',
  archive: 'M4 8h16v12H4zM3.5 4h17v4h-17zM10 12h4',
  code: 'M9 8l-4 4 4 4M15 8l4 4-4 4',
  file: 'M6 3.5h8l4 4v13H6zM14 3.5v4h4',
} as const satisfies Record<Kind, string> & Record<string, string>

export type IconName = keyof typeof PATHS

/** Decoration: what it says is also said in words. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
