/** How much is remembered: with both limits, `most` texts of `longest` characters with what was read from them. */
export interface RememberLimits {
  /** Texts; beyond it everything is read anew, once. */
  most: number
  /** Characters; longer texts are for any client to choose, and are read each time. */
  longest: number
}

/**
 * Remembers what was read from short texts that a process sends the same at each poll.
 *
 * @param read undefined: the text says nothing, which is not remembered.
 */
export function rememberRead<Read extends object | undefined>(
  read: (text: string) => Read,
  { most, longest }: RememberLimits,
): (text: string) => Read {
  const known = new Map<string, Read>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const now = read(text)
    if (now === undefined || text.length > longest) return now
    if (known.size >= most) known.clear()
    known.set(text, now)
    return now
  }
}
