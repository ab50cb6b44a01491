import type { SinkCapabilities } from './choose-sink.ts'

/** Looks at what this browser offers for saving files. `hasSavePicker` tells of the function only; whether to ask is the page's choice. */
export async function sinkCapabilities(): Promise<SinkCapabilities> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {}
  return {
    hasSavePicker: 'showSaveFilePicker' in globalThis,
    hasOpfs:
      typeof navigator.storage?.getDirectory === 'function' && 'createWritable' in FileSystemFileHandle.prototype,
    freeBytes: quota === undefined || usage === undefined ? undefined : quota - usage,
  }
}
