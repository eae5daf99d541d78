/**
 * Whether a text comes before another one by code points, which is the order of their UTF-8, and so that of the catalog. `<` compares
 * UTF-16 units: by them an emoji, which is made of surrogates, comes before full-width letters.
 */
export function isBefore(one: string, other: string): boolean {
  const length = Math.min(one.length, other.length)
  for (let index = 0; index < length; index++) {
    const [unit, against] = [one.charCodeAt(index), other.charCodeAt(index)]
    if (unit !== against) return rank(unit) < rank(against)
  }
  return one.length < other.length
}

/** Surrogates (U+D800 to U+DFFF) stand for what lies beyond U+FFFF. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000
}
