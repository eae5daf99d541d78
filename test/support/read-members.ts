import { gunzipSync } from 'node:zlib'
import { DEFAULT_ARCHIVE_LIMITS } from '../../archives/archive-limits.ts'
import { TarReader } from '../../archives/tar/tar-reader.ts'
import type { TarMember } from './tar-builder.ts'

/** A file or folder of an archive, with its content; the path of a folder ends with a slash. */
export type ReadMember = TarMember & { path: string; content: Buffer }

/** The files and folders of a sound archive, without its root folder, in order. */
export function readMembers(archive: Uint8Array): ReadMember[] {
  const members: ReadMember[] = []
  const tar = new TarReader(DEFAULT_ARCHIVE_LIMITS, ({ path, kind, size }) => {
    if (path === '') return undefined
    const content = Buffer.alloc(size)
    members.push({ path: kind === 'folder' ? `${path}/` : path, content })
    let length = 0
    return (piece) => {
      length += piece.copy(content, length)
    }
  })
  tar.push(gunzipSync(archive))
  tar.end()
  return members
}
