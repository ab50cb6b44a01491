import type { SinkCapabilities } from './choose-sink.ts'

/** Looks at what this browser offers for saving files. `hasSavePicker` tells of the function only; whether to ask is the page's choice. */
export async function sinkCapabilities(): Promise<SinkCapabilities> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {}
  return {
    hasSavePicker: 'showSaveFilePicker' in globalThis,
    hasOpfs: typeof Worker === 'function' && navigator.locks !== undefined && (await hasPrivateFiles()),
    freeBytes: quota === undefined || usage === undefined ? undefined : quota - usage,
  }
}

/** Some browsers have the function and refuse it, in private windows for one. */
async function hasPrivateFiles(): Promise<boolean> {
  try {
    await navigator.storage.getDirectory()
    return true
  } catch {
    return false
  }
}
