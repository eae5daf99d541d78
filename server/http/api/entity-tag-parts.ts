import { parseEntityTags } from '../../../protocol/entity-tag.ts'

/**
 * Whether a field such as `If-Match` names something by the first parts of its entity tag, which are parted by dots: those that
 * a change is decided on. `*` names whatever is there.
 *
 * @param parts undefined: it is not there.
 */
export function namesParts(
  field: string,
  parts: readonly string[] | undefined,
  comparison: 'strongly' | 'weakly',
): boolean {
  if (parts === undefined) return false
  const listed = parseEntityTags(field)
  if (listed === undefined || listed === '*') return listed === '*'
  return listed.some(({ opaque, weak }) => {
    const compared = opaque.split('.').slice(0, parts.length)
    return compared.join('.') === parts.join('.') && !(weak && comparison === 'strongly')
  })
}
