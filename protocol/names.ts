/**
 * The grammar of model and tag names, and of the path segment that a bot polls.
 *
 * Lower case only, so that a name means the same on every file system and in every object store.
 */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** The model that archives belong to when nothing names another. */
export const DEFAULT_MODEL = 'default'

/** What {@link isName} accepts, in words, for error messages. */
export const NAME_RULE =
  'a name is 1 to 64 characters of a-z, 0-9, ".", "_" and "-", begins with a letter or digit, and does not end in .tar.gz'

/** Whether `text` is a valid name of a model or a tag. */
export function isName(text: string): boolean {
  return NAME.test(text) && !text.endsWith('.tar.gz')
}

/** What a pull asks for: a model, and a tag unless it leaves the choice to the model's default tag. */
export interface ModelReference {
  model: string
  tag?: string
}

/**
 * Reads `shop` or `shop@production`, the last segment of a pull address, already percent-decoded.
 *
 * @returns undefined where it is not of that form.
 */
export function parseModelReference(segment: string): ModelReference | undefined {
  const at = segment.indexOf('@')
  if (at === -1) return isName(segment) ? { model: segment } : undefined
  const model = segment.slice(0, at)
  const tag = segment.slice(at + 1)
  return isName(model) && isName(tag) ? { model, tag } : undefined
}
