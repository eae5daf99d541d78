/**
 * Says where bots go back to, and why: `2 of 3 bots could not load release 8 (…), 0 run it: back to 7`.
 *
 * @param instead The release that they would have gone back to, if its archive could be sent.
 */
export function backTo(release: number, evidence: string, instead = release): string {
  return `${evidence}: back to ${release}${instead === release ? '' : `, as ${cannotBeSent(instead)}`}`
}

/** Why no bot is brought back to a release. */
export function cannotBeSent(release: number): string {
  return `the archive of release ${release} is damaged or missing`
}

/**
 * The evidence alone of what {@link backTo} said. Another tag that goes back for the same reason may go elsewhere, and what is
 * kept of a quarantine is the whole sentence.
 */
export function evidenceOf(sentence: string): string {
  return sentence.replace(/: back to \d+(?:, as the archive of release \d+ is damaged or missing)?$/, '')
}
