import type { Source } from './process-record.ts'

// Printable: no controls, no invisible format characters (bidirectional overrides among them), no line separators.
const INSTANCE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u

/** Whether a query parameter `instance` names a bot: 1 to 128 printable characters. Anything else is ignored. */
export function isInstanceName(text: string): boolean {
  return INSTANCE.test(text) && text.trim() !== ''
}

/** "The query parameter `instance`, else the token's name, else the address" (docs/rollouts.md). */
export function botNameOf({ instance, token, address }: Source): string {
  return instance ?? token ?? address
}
