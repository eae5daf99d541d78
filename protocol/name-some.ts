/** Names that are told; of the others only how many there are. */
const MOST_NAMED = 5

/** Names a few of many: `pod-1, pod-2 and 3 more`. @param count How many there are; more than are known by name. */
export function nameSome(names: readonly string[], count = names.length): string {
  const named = names.slice(0, MOST_NAMED)
  const more = count - named.length
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}
