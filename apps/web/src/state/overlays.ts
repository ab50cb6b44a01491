import { computed, effect, signal } from '@preact/signals'
import type { OverlayName, SearchOverlayName } from '@servent/servent'
import { network, servent } from './peer.ts'

/** Where the choice is kept. */
const STORAGE_KEY = 'servent-overlays-left-out'

/** Whether a central index has been met. It stays so when the index goes: a search then says that it is gone. */
const hasMetIndex = signal(false)

/** The overlays that can be asked: those that this tab takes part in, Napster from when there is, or was, an index. */
export const overlays = computed<readonly SearchOverlayName[]>(() =>
  (servent.value?.searchOverlays ?? ['gnutella']).filter(isMet)
)

/** False for Napster until there is an index: that there never was one is no news. */
export function isMet(overlay: OverlayName): boolean {
  return overlay !== 'napster' || hasMetIndex.value
}

/** Notices the first central index. */
export function followIndex(): () => void {
  return effect(() => {
    if (network.value.napster.index !== undefined) hasMetIndex.value = true
  })
}

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
