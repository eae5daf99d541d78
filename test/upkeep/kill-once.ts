import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Starts a program and kills it at a stage; again, where it came to its end before the signal did. */
export async function killOnce(
  what: string,
  start: () => Promise<ChildProcess>,
  isReached: () => Promise<boolean>,
): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const child = await start()
    const ended = once(child, 'exit')
    // Without a pause it would take a processor, and from the program itself where there are few; stages last some milliseconds.
    while (child.exitCode === null && !(await isReached())) await delay(1)
    child.kill('SIGKILL')
    await ended
    if (child.signalCode === 'SIGKILL') return
  }
  throw new Error(`It was never killed in time: ${what}`)
}
