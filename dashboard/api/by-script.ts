/**
 * Says that a script of a page asks, and no person who opened an address: where the sign-in has ended, the browser then gives
 * the answer to the script instead of asking for a name and a password.
 */
export const BY_SCRIPT = { 'X-Requested-With': 'XMLHttpRequest' } as const
