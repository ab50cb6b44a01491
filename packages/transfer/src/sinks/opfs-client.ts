import { SinkFailedError, SinkFullError } from '../errors.ts'
import { WorkerCalls } from '../worker-calls.ts'
import type { OpfsAnswer, OpfsAnswerTo, OpfsRequest } from './opfs-messages.ts'

/** Started with the page: the server that the worker comes from may be gone when something is to be saved. */
let calls = start()

/**
 * Asks the worker that writes downloads, one for all of them, and hands over the buffers named.
 *
 * @throws SinkFullError, SinkFailedError
 */
export async function askOpfs<Type extends OpfsRequest['type']>(
  request: Extract<OpfsRequest, { type: Type }>,
  transfer: Transferable[] = []
): Promise<OpfsAnswerTo[Type]> {
  if (calls === undefined || calls.isBroken) calls = start()
  if (calls === undefined) throw new SinkFailedError('This browser does not let the page save files in the background.')
  const answer = await calls.call(request, transfer)
  if (answer.type === 'failed')
    throw answer.isFull ? new SinkFullError(answer.problem) : new SinkFailedError(answer.problem)
  return answer as OpfsAnswerTo[Type]
}

function start(): WorkerCalls<OpfsRequest, OpfsAnswer> | undefined {
  try {
    // Spelled so that bundlers find the worker and bundle it.
    const worker = new Worker(new URL('./opfs-worker.js', import.meta.url), {
      type: 'module',
      name: 'servent-downloads',
    })
    return new WorkerCalls<OpfsRequest, OpfsAnswer>(worker, breakage)
  } catch {
    // No workers here, or the page's policy forbids this one: whoever wants to save is told.
    return undefined
  }
}

function breakage(): Error {
  return new SinkFailedError('The part of this page that saves files could not be started, or has failed.')
}
