/**
 * What is betrayed of the way between a bot and the server (docs/rollouts.md, "Hints").
 *
 * - `etag-rewritten`: something marks entity tags weak or takes their quotes.
 * - `compressed-on-the-way`: something compresses archives, which makes each of them unloadable for Rasa 3.
 * - `condition-stripped`: the process never shows what it was sent, although it asks on.
 * - `buffered-on-the-way`: something takes whole archives itself, so that "sent" says nothing of the bot.
 * - `not-rasa`: a first name that is no version-4 UUID.
 * - `shared-name`: several machines share one name.
 */
export const HINTS = [
  'etag-rewritten',
  'compressed-on-the-way',
  'condition-stripped',
  'buffered-on-the-way',
  'not-rasa',
  'shared-name',
] as const

/** @see HINTS */
export type Hint = (typeof HINTS)[number]

/** A hint that was not seen again for a day, in milliseconds, has been mended. */
const HINT_LASTS = 24 * 60 * 60 * 1000

/** The hints that still stand, in the order of {@link HINTS}. */
export function standingHints(seen: Readonly<Partial<Record<Hint, number>>>, now: number): Hint[] {
  return HINTS.filter((hint) => {
    const at = seen[hint]
    return at !== undefined && now - at < HINT_LASTS
  })
}
