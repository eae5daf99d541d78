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
  deadlineMs = 18_000,
): Promise<Exclude<Value, undefined | false>> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const value = await probe()
    if (value !== undefined && value !== false) return value as Exclude<Value, undefined | false>
    if (performance.now() > deadline) throw new Error(`It did not happen in ${deadlineMs} ms: ${what}`)
    await delay(10)
  }
}
