const LONGEST = 120

/** A name from an archive as it may stand in a message: well-formed, without control characters, cut. */
export function shownName(name: string): string {
  const printable = name
    .toWellFormed()
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')
  return printable.length > LONGEST ? `${printable.slice(0, LONGEST).toWellFormed()}…` : printable
}
