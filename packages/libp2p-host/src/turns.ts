/**
 * Runs calls one after the other, each to completion: no call begins while another one runs. This is what makes a machine
 * safe from its host: effects only add to the queue. Calls do not throw: whoever queues one catches.
 */
export class Turns {
  #queue: (() => void)[] = []
  #isRunning = false
  #isScheduled = false

  /** Runs `call` now, or after those that are running or wait. For what comes from the world. */
  run(call: () => void): void {
    this.#queue.push(call)
    if (!this.#isRunning) this.#drain()
  }

  /** As the beginning of `run`, for a call that needs no closure: if true, make it and `leave`. If false, `run` it. */
  tryEnter(): boolean {
    if (this.#isRunning || this.#queue.length > 0) return false
    this.#isRunning = true
    return true
  }

  /** Runs what has come since `tryEnter`. */
  leave(): void {
    this.#drain()
  }

  /** Runs `call` later: when the running call has returned, or in a microtask. For what a machine asks for. */
  later(call: () => void): void {
    this.#queue.push(call)
    if (this.#isRunning || this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      if (!this.#isRunning) this.#drain()
    })
  }

  #drain(): void {
    this.#isRunning = true
    try {
      while (this.#queue.length > 0) {
        const calls = this.#queue
        this.#queue = []
        for (const call of calls) call()
      }
    } finally {
      this.#isRunning = false
    }
  }
}
