/**
 * The key of something of a model: a process, a bot or a tag by its name, a release by its digest. Keys are ordered by model, then
 * by name; none of these names holds a line feed.
 */
export function keyOf(model: string, name: string): string {
  return `${model}\n${name}`
}

/** The model and the name that {@link keyOf} made a key of. */
export function namesOf(key: string): [model: string, name: string] {
  const [model = '', name = ''] = key.split('\n')
  return [model, name]
}
