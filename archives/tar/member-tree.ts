import { ArchiveRefused } from '../archive-refused.ts'
import { shownName } from '../shown-name.ts'

interface TreeNode {
  name: string
  /** A folder that only the paths of others imply may still get its own entry. */
  kind: 'file' | 'folder' | 'implied'
  /** By case-folded name; absent while there are none. */
  children?: Map<string, TreeNode>
  /** Bytes of a file. */
  size?: number
  /** What is wrong with the content of a file, as a part of a sentence: `is cut`. */
  damage?: string
}

/** What is known of a file. */
export interface TreeFile {
  name: string
  size: number
  /** What is wrong with its content, as a part of a sentence: `is cut`. */
  damage: string | undefined
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
  add(segments: readonly string[], kind: 'file' | 'folder', size = 0): void {
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
    if (kind === 'file') node.size = size
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
    const node = this.#find(segments)
    return node !== undefined && node.kind !== 'file'
  }

  /** The files that lie in a folder itself; none where there is no such folder. */
  filesIn(...segments: readonly string[]): TreeFile[] {
    const children = [...(this.#find(segments)?.children?.values() ?? [])]
    return children
      .filter(({ kind }) => kind === 'file')
      .map(({ name, size = 0, damage }) => ({ name, size, damage }))
  }

  /** Keeps what is wrong with the content of a file that was added. */
  markDamaged(segments: readonly string[], damage: string): void {
    const node = this.#find(segments)
    if (node) node.damage = damage
  }

  #find(segments: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root
    for (const name of segments) {
      node = node.children?.get(folded(name))
      if (node?.name !== name) return undefined
    }
    return node
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
