/** Names a few of many: `pod-1, pod-2 and 3 more`. @param all How many there are; more than are known by name. */
export function nameSome(names: readonly string[], all = names.length, most = 3): string {
  const named = names.slice(0, most)
  const more = all - named.length
  if (more > 0) return `${named.join(', ')} and ${more} more`
  const last = named.at(-1) ?? ''
  return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} and ${last}`
}
