/** Whether this browser can keep a copy of a file. */
export function canCopy(): boolean {
  return typeof navigator.storage?.getDirectory === 'function' && navigator.locks !== undefined
}

/** Bytes that this browser still lets the page keep; undefined when it does not say. */
export async function roomLeft(): Promise<number | undefined> {
  try {
    const { quota, usage = 0 } = (await navigator.storage?.estimate()) ?? {}
    return quota === undefined ? undefined : Math.max(0, quota - usage)
  } catch (error) {
    console.info('The browser does not say how much room there is', error)
    return undefined
  }
}

/** Asks the browser not to throw away what is kept when the disk fills up. It may ask the person, or say no by itself. */
export async function askToPersist(): Promise<void> {
  try {
    if ((await navigator.storage?.persisted?.()) === false) await navigator.storage.persist()
  } catch (error) {
    console.info('The browser was not asked to keep what is stored here', error)
  }
}
