/** A number with its thing: `1 bot`, `12,000 bots`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`
}

/** A whole number with its thousands apart: `12,000`. */
export function grouped(number: number): string {
  return String(Math.trunc(number)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}
