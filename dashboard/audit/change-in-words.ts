type State = Readonly<Record<string, unknown>> | null

/** Longer values, such as notes, are cut. */
const LONGEST = 80

/** What a change made of something: `release: 7 → 8`; what stayed the same is left out. */
export function changeInWords(before: State, after: State): string {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return names
    .map((name) => [name, valueInWords(name, before?.[name]), valueInWords(name, after?.[name])] as const)
    .filter(([, from, to]) => from !== to)
    .map(([name, from, to]) =>
      from === '' ? `${name}: ${to}` : `${name}: ${from} → ${to === '' ? 'none' : to}`,
    )
    .join('; ')
}

function valueInWords(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  // As the other pages show it: the whole of it would fill the row.
  if (name === 'digest' && typeof value === 'string') return value.slice(0, 12)
  const isList = Array.isArray(value) && value.every((each) => typeof each !== 'object')
  const text = isList ? value.join(', ') || 'none' : typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
}
