/** How much is remembered: with both limits, `most` texts of `longest` characters with what was read from them. */
export interface RememberLimits {
  /** Texts. */
  most: number
  /** Characters; longer texts are for any client to choose, and are read each time. */
  longest: number
}

interface Remembered<Read> {
  readonly text: string
  readonly read: Read
  /** Since it was looked at for the last time whether it is of use. */
  isUsed: boolean
}

/** A power of two. */
const RECENT = 1_024

/**
 * Where among the recent ones a text may stand, by four characters near its end: there an entity tag has the name of the process, and a
 * path the name of the model.
 */
function recentPlace(text: string): number {
  const last = text.length - 1
  return (
    ((text.charCodeAt(last - 1) << 8) ^
      (text.charCodeAt(last - 2) << 5) ^
      (text.charCodeAt(last - 3) << 2) ^
      text.charCodeAt(last)) &
    (RECENT - 1)
  )
}

/**
 * Remembers what was read from short texts that a process sends the same at each poll.
 *
 * Where there is no room, new texts are read each time. When they were twice as many as there is room for, those that were of no
 * use meanwhile are forgotten. So of a fleet that has more texts than that, a part is known at each poll, and texts that
 * are invented and sent once push out none that are sent often: forgetting everything at once, or the one that was not sent for
 * longest, would know none of 50,000 bots that poll in turn.
 *
 * Each request brings a text of its own, of which a Map has to take the hash first: of the 99 characters of an entity tag that was 1.5 % of
 * a poll (by the profile). So a text is compared first with the one that was looked up last in its place.
 *
 * @param read undefined: the text says nothing, which is not remembered.
 */
export function rememberRead<Read extends object | undefined>(
  read: (text: string) => Read,
  { most, longest }: RememberLimits,
): (text: string) => Read {
  const known = new Map<string, Remembered<Read>>()
  const recent: (Remembered<Read> | undefined)[] = Array.from({ length: RECENT })
  let withoutRoom = 0

  function forgetUnused(): void {
    recent.fill(undefined)
    for (const [text, remembered] of known) {
      if (remembered.isUsed) remembered.isUsed = false
      else known.delete(text)
    }
  }

  return (text) => {
    const place = recentPlace(text)
    const last = recent[place]
    if (last?.text === text) {
      last.isUsed = true
      return last.read
    }
    const before = known.get(text)
    if (before !== undefined) {
      before.isUsed = true
      recent[place] = before
      return before.read
    }
    const now = read(text)
    if (now === undefined || text.length > longest) return now
    if (known.size < most) known.set(text, { text, read: now, isUsed: true })
    else if (++withoutRoom >= 2 * most) {
      withoutRoom = 0
      forgetUnused()
    }
    return now
  }
}
