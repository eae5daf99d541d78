import { verificationSchema, type Verification } from '../../protocol/verification.ts'
import { PullFailure } from '../failure.ts'
import { pause } from '../timing/pause.ts'
import type { ApiClient } from './api-client.ts'

const PATH = 'api/v1/verification'

export function readVerification(client: ApiClient): Promise<Verification> {
  return client.call({ method: 'GET', path: PATH }, verificationSchema)
}

/** Has the server hash all stored archives, or a slice of them, and waits until it has. */
export async function verify(
  client: ApiClient,
  slice: { part: number; of: number } | undefined,
  signal: AbortSignal,
): Promise<Verification> {
  let found = await client.call(
    { method: 'POST', path: PATH, json: { slice }, repeatable: false },
    verificationSchema,
  )
  while (found.run?.state === 'running') {
    await pause(200, signal)
    found = await readVerification(client)
  }
  if (found.run?.state === 'done') return found
  throw new PullFailure(
    'source',
    'the verification was stopped: the server was restarted, or lost its catalog',
  )
}
