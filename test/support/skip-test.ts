/**
 * Skips the running test, or from a `before` hook its whole suite, and says why: the reason becomes part of the title, as
 * titles are all that mocha's parallel workers hand back.
 */
export function skipTest(context: Mocha.Context, reason: string): never {
  const runnable: (Mocha.Runnable & { type?: string }) | undefined = context.test
  const named = runnable?.type === 'hook' ? runnable.parent : runnable
  if (named) named.title += ` (${reason})`
  return context.skip()
}
