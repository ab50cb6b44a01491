/** The part of `navigator.locks` that is used here. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; signal?: AbortSignal },
    whileHeld: (lock: unknown) => Promise<void> | undefined
  ): Promise<void>
}

/**
 * Takes a lock and holds it until the returned function is called, or until the tab has gone.
 *
 * @returns undefined when it was not to be had: at once with `ifAvailable`, or before the signal fired
 */
export function holdLock(
  locks: Locks,
  name: string,
  options: { ifAvailable?: boolean; signal?: AbortSignal }
): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(name, options, (lock) => {
        if (lock === null) return undefined
        // The lock is held until this promise settles.
        return new Promise<void>((release) => resolve(release))
      })
      .then(
        // Only reached first when the lock was not to be had: otherwise `resolve` has been called before.
        () => resolve(undefined),
        (error: unknown) => {
          if (options.signal?.aborted === true) resolve(undefined)
          else reject(error)
        }
      )
  })
}
