import type { Operation } from './operation.ts'

/** The ways to send a token. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token as Bearer token.',
  },
  password: {
    type: 'http',
    scheme: 'basic',
    description: 'The token as password; the user name does not matter.',
  },
  query: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description:
      'The token in the query, on GET and HEAD only: what Rasa makes of `token:` in endpoints.yml.',
  },
} as const

/** Which ways to send a token an operation takes; none where it asks for none. */
export function securityOf({ access, method }: Operation): Record<string, string[]>[] {
  if (access === 'open') return []
  const isRead = method === 'GET' || method === 'HEAD'
  return [{ bearer: [] }, { password: [] }, ...(isRead ? [{ query: [] }] : [])]
}
