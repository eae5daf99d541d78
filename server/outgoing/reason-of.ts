import { shownText } from '../../protocol/shown-text.ts'

/** Why an exchange failed, in words. Where a host has several addresses, each failed for a reason of its own. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ')
  return shownText(error instanceof Error ? error.message : String(error), 200)
}
