const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** Reads bytes, or with `K`, `M`, `G` powers of 1,024: `500M`; undefined where a text is not of that form. */
export function parseByteSize(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
}

/** Bytes as {@link parseByteSize} reads them, to the byte: `20G`, `1500M`. */
export function byteSizeText(bytes: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, size]) => bytes % size === 0) ?? ['', 1]
  return `${bytes / size}${unit.toUpperCase()}`
}
