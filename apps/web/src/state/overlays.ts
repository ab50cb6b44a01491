import { computed, signal } from '@preact/signals'
import type { SearchOverlayName } from '@servent/servent'
import { servent } from './peer.ts'

/** Where the choice is kept. */
const STORAGE_KEY = 'servent-overlays-left-out'

/** The overlays that this tab takes part in. */
export const overlays = computed<readonly SearchOverlayName[]>(() => servent.value?.searchOverlays ?? ['gnutella'])

/** Those that a person does not want to be asked. */
const leftOut = signal<readonly string[]>(readChoice())

/** Whom a search asks: what is chosen, or everybody when nothing is. */
export const overlaysToAsk = computed<readonly SearchOverlayName[]>(() => {
  const chosen = overlays.value.filter((overlay) => !leftOut.value.includes(overlay))
  return chosen.length > 0 ? chosen : overlays.value
})

/** Whether a search asks this overlay. */
export function isAsked(overlay: SearchOverlayName): boolean {
  return overlaysToAsk.value.includes(overlay)
}

/** Chooses whether searches ask an overlay. The last one stays. */
export function setAsked(overlay: SearchOverlayName, asks: boolean): void {
  const others = leftOut.value.filter((other) => other !== overlay)
  const next = asks ? others : [...others, overlay]
  if (overlays.value.every((known) => next.includes(known))) return
  leftOut.value = next
  keepChoice(next)
}

function readChoice(): readonly string[] {
  try {
    return (localStorage.getItem(STORAGE_KEY) ?? '').split(' ').filter((name) => name !== '')
  } catch (error) {
    console.warn('The choice of overlays cannot be kept here.', error)
    return []
  }
}

function keepChoice(names: readonly string[]): void {
  try {
    localStorage.setItem(STORAGE_KEY, names.join(' '))
  } catch (error) {
    console.warn('The choice of overlays cannot be kept here.', error)
  }
}
