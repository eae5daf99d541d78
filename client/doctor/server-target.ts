import { credentialsIn } from '../http/credentials-in.ts'
import type { DoctorTarget } from './doctor-context.ts'

/**
 * What Rasa would ask for under an address: credentials in it go as Basic.
 *
 * @param headers Sent with every request.
 * @returns undefined where the credentials cannot be read.
 */
export function serverTarget(
  address: URL,
  headers: Readonly<Record<string, string>>,
): DoctorTarget | undefined {
  const url = new URL(address)
  url.hash = ''
  if (url.username === '' && url.password === '') return { url, headers }
  const pair = credentialsIn(url)
  if (pair === undefined) return undefined
  url.username = ''
  url.password = ''
  return { url, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}`, ...headers } }
}
