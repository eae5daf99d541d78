import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks again every quarter of a second until `look` gives something other than undefined or false, and returns that.
 * @throws Error that names `what` once `seconds` have passed; whatever `look` threw last is its cause.
 */
export async function until<Seen>(
  what: string,
  seconds: number,
  look: () => Promise<Seen | undefined | false> | Seen | undefined | false,
): Promise<Seen> {
  const deadline = performance.now() + seconds * 1000
  let cause: unknown
  while (performance.now() < deadline) {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
    } catch (error) {
      cause = error
    }
    await pause(250)
  }
  throw new Error(`waited ${seconds} s in vain: ${what}`, { cause })
}
