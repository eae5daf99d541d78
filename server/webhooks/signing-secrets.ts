import { randomBytes } from 'node:crypto'
import type { Webhook } from './webhook.ts'

/** Standard Webhooks ask for 24 to 64 bytes. */
const SECRET_BYTES = 32

/** For so long receivers may know the old secret only. */
const OVERLAP = 24 * 60 * 60_000

/** Draws a secret that deliveries are signed with. */
export function drawSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`
}

/** Replaces the secret of a webhook; the one before signs beside it for a day. */
export function replaceSecret(webhook: Webhook, secret: string, now: number): Webhook {
  return { ...webhook, secret, previousSecret: { secret: webhook.secret, until: now + OVERLAP } }
}

/** The secrets that sign now. */
export function signingSecrets(
  { secret, previousSecret }: Pick<Webhook, 'secret' | 'previousSecret'>,
  now: number,
): string[] {
  const isOverlap = previousSecret !== null && now < previousSecret.until
  return [secret, ...(isOverlap ? [previousSecret.secret] : [])]
}
