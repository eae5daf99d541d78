import { setTimeout as wait } from 'node:timers/promises'
import { StoreUnavailable } from '../object-store.ts'

/** How long a store in the cloud is waited for. Milliseconds. */
export interface Patience {
  /** How often one request is made before it counts as failed. */
  attempts: number
  /** The pause before the second attempt; each further one is twice as long, up to `longestPause`. */
  firstPause: number
  longestPause: number
  /** How long one request may take to be answered; uploads of a part may take ten times as long. */
  answer: number
  /** How long a body may stand still while somebody waits for its next bytes. */
  stall: number
}

export const defaultPatience: Patience = {
  attempts: 4,
  firstPause: 200,
  longestPause: 5000,
  answer: 30_000,
  stall: 30_000,
}

/** What one attempt is given and bound by. */
export interface AttemptOptions {
  signal?: AbortSignal | undefined
  /** Milliseconds until this attempt counts as unanswered; `answer` of {@link Patience} when absent. */
  deadline?: number
}

/**
 * Does `work`, again after a pause while it throws {@link StoreUnavailable} and attempts are left.
 *
 * @param work given a signal that is aborted when time is up or the caller left
 * @throws what the last attempt threw, or the reason of the caller's signal
 */
export async function attempt<T>(
  patience: Patience,
  work: (signal: AbortSignal) => Promise<T>,
  options: AttemptOptions = {},
): Promise<T> {
  for (let count = 1; ; count += 1) {
    options.signal?.throwIfAborted()
    try {
      return await attemptOnce(work, options.deadline ?? patience.answer, options.signal)
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof StoreUnavailable) || count >= patience.attempts) throw error
      await pause(patience, count, options.signal)
    }
  }
}

/** Waits before the attempt after the `count`th: between half of the doubling pause and all of it. */
export async function pause(patience: Patience, count: number, signal?: AbortSignal): Promise<void> {
  const full = Math.min(patience.firstPause * 2 ** (count - 1), patience.longestPause)
  // Jitter, so that many who failed together do not come back together.
  const jittered = full * (0.5 + Math.random() / 2)
  await wait(jittered, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
}

async function attemptOnce<T>(
  work: (signal: AbortSignal) => Promise<T>,
  deadline: number,
  callerSignal: AbortSignal | undefined,
): Promise<T> {
  const ending = new AbortController()
  const leave = (): void => {
    ending.abort(callerSignal?.reason)
  }
  const late = new Error('time is up')
  const timer = setTimeout(() => {
    ending.abort(late)
  }, deadline)
  callerSignal?.addEventListener('abort', leave)
  try {
    return await work(ending.signal)
  } catch (error) {
    if (ending.signal.reason !== late) throw error
    throw new StoreUnavailable(`the store did not answer within ${deadline} ms`, { cause: error })
  } finally {
    clearTimeout(timer)
    callerSignal?.removeEventListener('abort', leave)
  }
}
