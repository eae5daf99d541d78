/** Whether the step under way is inconclusive by bots that were left alone: `resume` does not offer them the release again, `retry` does. */
export function isLeftAlone({
  steps,
  step,
  counts,
}: {
  readonly steps: readonly { readonly state: string }[]
  readonly step: number
  readonly counts: { readonly failing: number }
}): boolean {
  return steps[step]?.state === 'inconclusive' && counts.failing > 0
}
