/** 128 and the number of SIGINT. */
const CTRL_C = 130

/**
 * Runs `work` with a signal that SIGTERM and SIGINT abort, so that locks are given back and children end. A second
 * signal ends the process at once.
 *
 * @returns what `work` returns; 130 after SIGINT, and 143 after SIGTERM where `work` threw for it, as a shell has it.
 */
export async function untilSignal(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController()
  let interrupted = 0
  const listeners = (
    [
      ['SIGTERM', 143],
      ['SIGINT', CTRL_C],
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
    const code = await work(controller.signal)
    return interrupted === CTRL_C ? CTRL_C : code
  } catch (error) {
    if (controller.signal.aborted) return interrupted
    throw error
  } finally {
    for (const { name, listener } of listeners) process.off(name, listener)
  }
}
