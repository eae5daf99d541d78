import { setTimeout as pause } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'

/**
 * As {@link eventually}, for programs that take their time and refuse until then: what `look` throws only means "not yet",
 * and it is asked again every quarter of a second.
 * @throws Error that names `what` once `seconds` have passed; whatever `look` threw last is its cause.
 */
export async function until<Seen>(
  what: string,
  seconds: number,
  look: () => Promise<Seen | undefined | false> | Seen | undefined | false,
): Promise<Exclude<Seen, undefined | false>> {
  let cause: unknown
  const lookAgain = async (): Promise<Seen | undefined | false> => {
    try {
      const seen = await look()
      if (seen !== undefined && seen !== false) return seen
    } catch (error) {
      cause = error
    }
    await pause(250)
    return undefined
  }
  try {
    return await eventually(what, lookAgain, seconds * 1000)
  } catch (error) {
    throw new Error((error as Error).message, { cause })
  }
}
