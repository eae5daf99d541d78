/** Says where bots go back to, and why: `2 of 3 bots could not load release 8 (…), 0 run it: back to 7`. */
export function backTo(release: number, evidence: string): string {
  return `${evidence}: back to ${release}`
}

/**
 * The evidence alone of what {@link backTo} said. Another tag that goes back for the same reason may go elsewhere, and what is
 * kept of a quarantine is the whole sentence.
 */
export function evidenceOf(sentence: string): string {
  return sentence.replace(/: back to \d+$/, '')
}
