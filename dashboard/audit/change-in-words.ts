type State = Readonly<Record<string, unknown>> | null

/** Longer values, such as notes, are cut. */
const LONGEST = 80

/** What a change made of something: `release: 7 → 8`; what stayed the same is left out. */
export function changeInWords(before: State, after: State): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names
    .map((name) => [name, valueInWords(before?.[name]), valueInWords(after?.[name])] as const)
    .filter(([, from, to]) => from !== to)
    .map(([name, from, to]) =>
      from === '' ? `${name}: ${to}` : `${name}: ${from} → ${to === '' ? 'none' : to}`,
    )
    .join('; ')
}

function valueInWords(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
