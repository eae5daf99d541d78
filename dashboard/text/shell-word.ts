const PLAIN = /^[\w@%+=:,./-]+$/

/** A word of a command line as a POSIX shell takes it: in single quotes where it must be. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
