/**
 * Runs `work` with a signal that SIGTERM and SIGINT abort, so that locks are given back and children end. A second
 * signal ends the process at once.
 *
 * @returns what `work` returns; 143 or 130, as a shell has it, where it was interrupted by throwing.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController()
  let interrupted = 0
  const listeners = (
    [
      ['SIGTERM', 143],
      ['SIGINT', 130],
    ] as const
  ).map(([name, code]) => {
    const listener = (): void => {
      interrupted = code
      controller.abort(new Error(`interrupted by ${name}`))
    }
    process.once(name, listener)
    return { name, listener }
  })
  try {
    return await work(controller.signal)
  } catch (error) {
    if (controller.signal.aborted) return interrupted
    throw error
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener)
  }
}
