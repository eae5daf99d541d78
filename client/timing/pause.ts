import { setTimeout as sleep } from 'node:timers/promises'

/** A timer of Node holds no more milliseconds; with more it fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1

/** Waits, at most 24.8 days; resolves early, without an error, when `signal` is aborted. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(milliseconds, LONGEST_TIMER), undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
