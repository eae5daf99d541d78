import type { MemberTree } from '../tar/member-tree.ts'
import type { TarMember } from '../tar/tar-reader.ts'
import { contentCheckFor } from './content-check-for.ts'

/**
 * What is to look at the content of a file below `components/`, and marks it in the tree where it is damaged;
 * `undefined` for files of no known format, and for those elsewhere.
 */
export function checkContent(
  { segments, kind, size }: TarMember,
  tree: MemberTree,
): ((content: Buffer) => void) | undefined {
  const name = segments.at(-1)
  if (kind !== 'file' || segments[0] !== 'components' || name === undefined) return undefined
  const check = contentCheckFor(name, size)
  if (!check) return undefined
  let left = size
  const finish = (): void => {
    const damage = check.damage()
    if (damage !== undefined) tree.markDamaged(segments, damage)
  }
  if (size === 0) finish()
  return (piece) => {
    check.push(piece)
    left -= piece.length
    if (left === 0) finish()
  }
}
