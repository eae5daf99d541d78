const OPTIONS = [
  ['steps', '--steps'],
  ['soak', '--soak'],
  ['deadline', '--deadline'],
  ['tolerate', '--tolerate'],
  ['onFail', '--on-fail'],
  ['onInconclusive', '--on-inconclusive'],
  ['maxUpdating', '--max-updating'],
  ['drain', '--drain'],
  ['attempts', '--attempts'],
  ['retry', '--retry'],
] as const

/** The words of the options that say fields of a policy on the command line. */
export function policyWords(policy: Readonly<Record<string, unknown>> = {}): string[] {
  const words = OPTIONS.flatMap(([name, option]) => {
    const value = policy[name]
    return value === undefined ? [] : [option, wordOf(value)]
  })
  const { probes } = policy
  if (!Array.isArray(probes)) return words
  if (probes.length === 0) return [...words, '--probe', '[]']
  return [...words, ...probes.flatMap((probe) => ['--probe', JSON.stringify(probe)])]
}

function wordOf(value: unknown): string {
  if (value === null) return 'none'
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
