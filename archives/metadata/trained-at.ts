const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/

/** Rasa 3's `2026-11-23T08:45:15.580571`, UTC without saying so, in ISO 8601 with milliseconds. */
export function instantOfIso(text: string): string | undefined {
  const match = ISO.exec(text)
  if (!match) return undefined
  const zone = match[3]
  // Only three decimals are certain to be understood.
  const local = text
    .slice(0, text.length - (zone?.length ?? 0))
    .replace(/([.,]\d{1,3})\d*$/, '$1')
    .replace(',', '.')
  return isoOf(Date.parse(local.replace(' ', 'T') + (zone ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')))
}

/** Rasa 2's Unix time in seconds, in ISO 8601 with milliseconds. */
export function instantOfUnix(seconds: number): string | undefined {
  return isoOf(Math.floor(seconds * 1000))
}

/** Four digits of a year, as the API has it: what is beyond has not been trained. */
function isoOf(milliseconds: number): string | undefined {
  const inRange = milliseconds >= 0 && milliseconds < Date.UTC(10_000, 0)
  return inRange ? new Date(milliseconds).toISOString() : undefined
}
