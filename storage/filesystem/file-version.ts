import type { FileFacts } from './file-system.ts'

/** What tells whether a file may have changed: one that was replaced has another inode, one that was written to behind our back another time. */
export function fileVersion({ size, mtimeNs, ino }: Pick<FileFacts, 'size' | 'mtimeNs' | 'ino'>): string {
  return `${size}-${mtimeNs}-${ino}`
}
