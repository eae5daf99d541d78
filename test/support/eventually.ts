import { setTimeout as delay } from 'node:timers/promises'

/**
 * Waits for a condition: resolves to the first value of `probe` that is neither undefined nor false.
 *
 * @param what Named in the error where it does not happen in time.
 */
export async function eventually<Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  // Just below mocha's default, which would not say what did not happen; on a busy machine facts take their time.
  deadlineMs = 55_000,
): Promise<Exclude<Value, undefined | false>> {
  const begun = performance.now()
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value as Exclude<Value, undefined | false>
    const waited = performance.now() - begun
    if (waited > deadlineMs) throw new Error(`It did not happen in ${deadlineMs} ms: ${what}`)
    // What has not happened soon is looked for less often: a look may be a request, and many tests wait at once.
    await delay(Math.min(100, 5 + waited / 20))
  }
}
