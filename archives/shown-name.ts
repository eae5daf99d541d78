import { shownText } from '../protocol/shown-text.ts'

const LONGEST = 120

/** A name from an archive as it may stand in a message. */
export function shownName(name: string): string {
  return shownText(name, LONGEST)
}
