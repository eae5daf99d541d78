import type { z } from 'zod'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'

/** How often something is read anew because somebody else changed it meanwhile. */
const MOST_READS = 5

/**
 * Changes some fields of what lies at an address; the others stay, also what somebody else changes at the same time.
 *
 * @param change Sends the change of what was read, with the header fields that make it a compare-and-set.
 * @throws PullFailure `conflict` where others were faster five times
 */
export async function changeAsRead<Schema extends z.ZodType, Result>(
  client: ApiClient,
  path: string,
  schema: Schema,
  change: (read: z.infer<Schema>, headers: Record<string, string>) => Promise<Result>,
): Promise<Result> {
  for (let reads = 1; ; reads++) {
    const { value, entityTag } = await client.callTagged({ method: 'GET', path }, schema)
    try {
      return await change(value, entityTag === undefined ? {} : { 'if-match': entityTag })
    } catch (error) {
      // A conflict of what may have been done before: somebody may have changed it back since.
      const isChanged = error instanceof PullFailure && error.kind === 'conflict' && !error.mayBeDone
      if (!isChanged || reads === MOST_READS) throw error
    }
  }
}
