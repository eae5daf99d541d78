import type { MadeToken } from '../../protocol/token.ts'
import { noteSecret } from './secrets-in-output.ts'
import type { ServerUnderTest } from './server-under-test.ts'

/** Has a server make a token, with the publish token that its tests use; pulls may close. @returns its secret. */
export async function aToken(
  { url }: Pick<ServerUnderTest, 'url'>,
  allow: readonly string[],
  name = 'the-token',
  more: { expiresIn?: number } = {},
): Promise<string> {
  const answer = await fetch(`${url}/api/v1/tokens`, {
    method: 'POST',
    headers: { Authorization: 'Bearer the-publish-token', 'Content-Type': 'application/json' },
    body: JSON.stringify({ name, allow, closesPulls: true, ...more }),
  })
  if (answer.status !== 201) throw new Error(`A token was answered ${answer.status}: ${await answer.text()}`)
  const { secret } = (await answer.json()) as MadeToken
  noteSecret(secret)
  return secret
}
