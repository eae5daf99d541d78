import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'

/** Milliseconds: whoever takes a bad release back is not to wait for what is only good to know. */
const AT_MOST = 5_000

/**
 * Reads something that a command can do without; undefined where that fails, or takes longer than `atMost` milliseconds.
 *
 * @param isQuiet Whether nobody is told that it is tried again.
 */
export async function ifReadable<Found>(
  client: ApiClient,
  read: (client: ApiClient) => Promise<Found>,
  { atMost = AT_MOST, isQuiet = true } = {},
): Promise<Found | undefined> {
  const late = AbortSignal.timeout(atMost)
  try {
    return await read(client.until(late, { isQuiet }))
  } catch (error) {
    if (late.aborted || error instanceof PullFailure) return undefined
    throw error
  }
}

/** Reads something that may not exist; undefined where it does not. */
export async function unlessMissing<Found>(reading: Promise<Found>): Promise<Found | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof PullFailure && error.kind === 'not-found') return undefined
    throw error
  }
}
