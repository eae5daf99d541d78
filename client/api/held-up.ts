import type { ApiClient } from './api-client.ts'
import { ifReadable } from './if-readable.ts'
import { readStatus } from './releases.ts'

/** Why rollouts do not go on by themselves, in the server's words; undefined where they do, or nobody can say. */
export async function readHoldUp(client: ApiClient): Promise<string | undefined> {
  const status = await ifReadable(client, readStatus)
  return status?.warnings?.find(({ code }) => code === 'changes-refused')?.message
}
