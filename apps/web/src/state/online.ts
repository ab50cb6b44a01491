import { signal } from '@preact/signals'

/** What the browser says of its network; on a network without the internet it may be wrong, so nothing waits for it. */
export const isOnline = signal(navigator.onLine)

addEventListener('online', () => {
  isOnline.value = true
})
addEventListener('offline', () => {
  isOnline.value = false
})
