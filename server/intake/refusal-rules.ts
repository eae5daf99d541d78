/**
 * By which rules archives are refused, as text to compare: what one version with small limits refused, another, or one with larger
 * limits, may take.
 */
export function refusalRules(version: string, limits: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(limits).sort(([one], [other]) => (one < other ? -1 : 1))
  return [version, ...sorted.map(([name, limit]) => `${name}=${limit}`)].join(' ')
}
