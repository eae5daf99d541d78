import { setTimeout as wait } from 'node:timers/promises'
import { StoreUnavailable } from '../object-store.ts'
import type { RetryPolicy } from './retry-policy.ts'

/** What binds the attempts of one request. */
export interface AttemptOptions {
  signal?: AbortSignal | undefined
  /**
   * Milliseconds after the last progress of the first attempt that failed, within which further attempts begin;
   * without it, {@link RetryPolicy.attempts} are made.
   */
  retryTime?: number
  /**
   * Whether the store may work for long before it answers, as where it joins parts: one attempt then lasts as long as all of
   * them may, where {@link RetryPolicy.answerTimeout} would only begin the work anew. Only with `retryTime`.
   */
  isLongWork?: boolean
  /**
   * When something of other uploads moved last, as `performance.now()` counts: as long as it does, the store is busy rather
   * than unavailable, and `retryTime` counts from then. For ten times `retryTime` at most.
   */
  othersMovedAt?: (() => number) | undefined
  /** Since when nothing has moved, where that was before the first attempt; as `performance.now()` counts. */
  idleSince?: number | undefined
  /** Whether the same bytes were sent before: the buffers on the way take some of them again, which is no progress. */
  isRepeat?: boolean
  /** Called at each progress of the first attempt: of later ones the buffers on the way take some bytes anyway. */
  onProgress?: (() => void) | undefined
}

/** What the last attempt gets, however little time is left, milliseconds: a store that works answers within that. */
const LEAST_TIMEOUT = 1000

/** However much others move, one request that gets nowhere is given up after so many times its time for attempts. */
const MOST_TIMES = 10

/**
 * One attempt at a request.
 *
 * @param signal aborted when the attempt made no progress for too long, or the caller left
 * @param progress to be called when the store took or gave something: the time without progress begins anew
 */
export type Attempt<T> = (signal: AbortSignal, progress: () => void) => Promise<T>

/**
 * Does `work`, again after a pause while it throws {@link StoreUnavailable} and attempts are left.
 *
 * @throws what the last attempt threw, or the reason of the caller's signal
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  work: Attempt<T>,
  {
    signal,
    retryTime,
    isLongWork = false,
    isRepeat = false,
    othersMovedAt,
    idleSince,
    onProgress,
  }: AttemptOptions = {},
): Promise<T> {
  /** When something of this request moved last: not moved by later attempts, of which the buffers on the way take some bytes. */
  let movedAt = isRepeat ? idleSince : undefined
  const timeLeft = (time: number): number => {
    const now = performance.now()
    const own = movedAt ?? now
    const last = Math.min(Math.max(own, othersMovedAt?.() ?? own), own + (MOST_TIMES - 1) * time)
    return Math.max(0, last + time - now)
  }
  const timeout = (count: number): number => {
    if (retryTime === undefined) return policy.answerTimeout
    const left = timeLeft(retryTime)
    if (isLongWork) return left + policy.answerTimeout
    // A store with much to do answers late: to ask again as soon as before would give it the same work for ever.
    return Math.min(policy.answerTimeout * 2 ** (count - 1), Math.max(left, LEAST_TIMEOUT))
  }
  for (let count = 1; ; count += 1) {
    signal?.throwIfAborted()
    let lastProgress = (count === 1 ? idleSince : undefined) ?? performance.now()
    const noteProgress = (): void => {
      if (count > 1 || isRepeat) return
      lastProgress = performance.now()
      onProgress?.()
    }
    try {
      return await attemptOnce(work, timeout(count), noteProgress, signal)
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof StoreUnavailable)) throw error
      if (retryTime === undefined) {
        if (count >= policy.attempts) throw error
      } else {
        movedAt ??= lastProgress
        if (timeLeft(retryTime) === 0) throw error
      }
      await pauseBeforeRetry(policy, count, signal)
    }
  }
}

/** Waits before the attempt after the `count`th: between half of the doubling pause and all of it. */
export async function pauseBeforeRetry(
  policy: RetryPolicy,
  count: number,
  signal?: AbortSignal,
): Promise<void> {
  const full = Math.min(policy.firstPause * 2 ** (count - 1), policy.longestPause)
  // Jitter, so that many who failed together do not come back together.
  const jittered = full * (0.5 + Math.random() / 2)
  await wait(jittered, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
}

async function attemptOnce<T>(
  work: Attempt<T>,
  timeout: number,
  noteProgress: () => void,
  callerSignal: AbortSignal | undefined,
): Promise<T> {
  const ending = new AbortController()
  const leave = (): void => {
    ending.abort(callerSignal?.reason)
  }
  const late = new Error('time is up')
  const timer = setTimeout(() => {
    ending.abort(late)
  }, timeout)
  callerSignal?.addEventListener('abort', leave)
  try {
    return await work(ending.signal, () => {
      noteProgress()
      if (!ending.signal.aborted) timer.refresh()
    })
  } catch (error) {
    if (ending.signal.reason !== late) throw error
    throw new StoreUnavailable(`the store made no progress within ${timeout} ms`, { cause: error })
  } finally {
    clearTimeout(timer)
    callerSignal?.removeEventListener('abort', leave)
  }
}
