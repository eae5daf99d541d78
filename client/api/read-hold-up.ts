import type { RolloutSummary } from '../../protocol/rollout.ts'
import type { ApiClient } from './api-client.ts'
import { ifReadable } from './if-readable.ts'
import { readStatus } from './releases.ts'

/**
 * Why a rollout does not go on to its next step, in the server's words; undefined where it does, or nobody can say. What has no step to come, as a
 * rollback, and what goes back, is held up by nothing that the server tells.
 *
 * @param terms.atMost Milliseconds for which it is asked.
 */
export async function readHoldUp(
  client: ApiClient,
  { state, step, steps }: Pick<RolloutSummary, 'state' | 'step' | 'steps'>,
  terms: { atMost?: number } = {},
): Promise<string | undefined> {
  if (state !== 'running' || step === steps.length - 1) return undefined
  const status = await ifReadable(client, readStatus, terms)
  return status?.warnings?.find(({ code }) => code === 'changes-refused')?.message
}
