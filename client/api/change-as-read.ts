import type { z } from 'zod'
import { PullFailure } from '../failure.ts'
import type { ApiClient } from './api-client.ts'
import { ifReadable } from './if-readable.ts'
import { wasRefusedAgain } from './was-refused-again.ts'

/** How often something is read anew because somebody else changed it meanwhile. */
const MOST_READS = 5

/** A change of some fields. */
export interface ChangeOfFields<Value> {
  /** Sends the change of what was read, with the header fields that make it a compare-and-set. */
  send(read: Value, headers: Record<string, string>): Promise<Value>
  /** Whether the fields are as they were asked for: then it does not matter who did it where an answer was lost. */
  isDone(read: Value): boolean
}

/**
 * Changes some fields of what lies at an address; the others stay, also what somebody else changes at the same time.
 *
 * @throws PullFailure `conflict` where others were faster five times, or changed these fields after an attempt whose answer was lost
 */
export async function changeAsRead<Schema extends z.ZodType>(
  client: ApiClient,
  path: string,
  schema: Schema,
  change: ChangeOfFields<z.infer<Schema>>,
): Promise<z.infer<Schema>> {
  const readBy = (reader: ApiClient) => reader.callTagged({ method: 'GET', path }, schema)
  for (let reads = 1; ; reads++) {
    const { value, entityTag } = await readBy(client)
    try {
      return await change.send(value, entityTag === undefined ? {} : { 'if-match': entityTag })
    } catch (error) {
      if (wasRefusedAgain(error)) {
        const now = await ifReadable(client, readBy)
        if (now !== undefined && change.isDone(now.value)) return now.value
        // It may have been done, and somebody may have changed it back since.
        throw error
      }
      const isChanged = error instanceof PullFailure && error.kind === 'conflict'
      if (!isChanged || reads === MOST_READS) throw error
    }
  }
}
