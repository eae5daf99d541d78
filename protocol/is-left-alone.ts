/**
 * Whether the step under way is inconclusive by bots that were left alone: `resume` does not offer them the release again, `retry` does. Those that
 * were passed over in a step before stand in the way of none; older servers do not tell them from others.
 */
export function isLeftAlone({
  steps,
  step,
  counts,
}: {
  readonly steps: readonly { readonly state: string; readonly failing?: number | undefined }[]
  readonly step: number
  readonly counts: { readonly failing: number }
}): boolean {
  const under = steps[step]
  return under?.state === 'inconclusive' && (under.failing ?? counts.failing) > 0
}
