import { setTimeout as delay } from 'node:timers/promises'

/** When a task is done: first, and then again and again. */
export interface Schedule {
  /** Milliseconds until the first time. */
  first: number
  /** Milliseconds between its end and its next beginning. */
  every: number
}

/**
 * Does a task over and over until `signal` aborts; one failure does not end it.
 *
 * @param work Says how long to rest before the next time, where that is not `every`.
 * @returns what resolves when the last time has ended.
 */
export async function repeat(
  { first, every }: Schedule,
  signal: AbortSignal,
  work: () => Promise<number | undefined>,
  onFailure: (error: unknown) => void,
): Promise<void> {
  let pause = first
  for (;;) {
    try {
      await delay(pause, undefined, { signal, ref: false })
    } catch {
      return
    }
    pause = every
    try {
      pause = (await work()) ?? every
    } catch (error) {
      if (isAborted(signal)) return
      onFailure(error)
    }
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
