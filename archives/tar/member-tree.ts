import { ArchiveRefused } from '../archive-refused.ts'
import { shownName } from '../shown-name.ts'

interface TreeNode {
  name: string
  /** A folder that only the paths of others imply may still get its own entry. */
  kind: 'file' | 'folder' | 'implied'
  /** By case-folded name; absent while there are none. */
  children?: Map<string, TreeNode>
}

/**
 * All files and folders of an archive: finds two that are the same one where the file system does not tell
 * upper case from lower, or one way to write an accent from another.
 */
export class MemberTree {
  readonly #limit: number
  readonly #root: TreeNode = { name: '', kind: 'implied' }
  #size = 0

  /** @param limit of files and folders, the implied ones too: they cost as much memory */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** @throws ArchiveRefused where the path is taken, or there are too many */
  add(segments: readonly string[], kind: 'file' | 'folder'): void {
    let node = this.#root
    segments.forEach((name, index) => {
      const last = index === segments.length - 1
      const key = folded(name)
      const known = node.children?.get(key)
      if (known && known.name !== name)
        throw duplicate(segments, `differs only in case or accents from "${known.name}"`)
      if (known?.kind === 'file' && !last) throw duplicate(segments, `lies in "${name}", which is a file`)
      const next: TreeNode = known ?? { name: ownCopy(name), kind: last ? kind : 'implied' }
      if (!known) {
        this.count()
        node.children ??= new Map()
        node.children.set(ownCopy(key), next)
      } else if (last) {
        claim(known, kind, segments)
      }
      node = next
    })
    if (segments.length === 0) claim(this.#root, kind, segments)
  }

  /** Takes note of one more header, which costs time though it makes no member. */
  count(): void {
    this.#size += 1
    if (this.#size > this.#limit) {
      throw new ArchiveRefused(
        'archive-too-many-members',
        `the archive has more than ${this.#limit} files and folders`,
        { limit: this.#limit },
      )
    }
  }

  /** Whether there is such a folder, by its own entry or because something lies in it. */
  hasFolder(...segments: readonly string[]): boolean {
    let node: TreeNode | undefined = this.#root
    for (const name of segments) {
      node = node.children?.get(folded(name))
      if (node?.name !== name) return false
    }
    return node.kind !== 'file'
  }
}

function claim(node: TreeNode, kind: 'file' | 'folder', segments: readonly string[]): void {
  if (node.kind !== 'implied') throw duplicate(segments, 'is there twice')
  if (kind === 'file') throw duplicate(segments, 'is a file, though others lie in it as in a folder')
  node.kind = 'folder'
}

function folded(name: string): string {
  // Nothing to fold in most names, and normalize() takes its time.
  return /^[\u0020-\u0040\u005b-\u007e]*$/.test(name) ? name : name.normalize('NFC').toLowerCase()
}

/** A part of a string keeps the whole of it in memory: a path of 1,024 bytes for a name of 13. */
function ownCopy(name: string): string {
  return Buffer.from(name).toString()
}

function duplicate(segments: readonly string[], what: string): ArchiveRefused {
  const member = shownName(segments.join('/') || '/')
  return new ArchiveRefused('archive-duplicate-member', `the member "${member}" ${what}`, { member })
}
