import type { ArchiveLimits } from '../archive-limits.ts'
import { ArchiveRefused } from '../archive-refused.ts'
import type { ArchiveRefusalCode } from '../archive-refused.ts'
import { shownName } from '../shown-name.ts'

/** Rasa's own archives are four deep; what is far deeper only costs time, at every member again. */
const DEEPEST = 64

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The segments of a member's path; none for the root folder.
 *
 * Rasa packs with `arcname=""`, which makes the root `/` or empty, and other programs put `./` in front:
 * both are taken, and `.` and doubled slashes mean nothing, as everywhere. Refused is what would leave the
 * folder that an archive is unpacked to, on Windows too (`..`, absolute paths, drive letters, backslashes),
 * and what is no text (invalid UTF-8, control characters).
 *
 * @param folder only a folder may be the root or end with a slash
 * @throws ArchiveRefused naming the rule
 */
export function memberPath(path: Buffer, folder: boolean, limits: ArchiveLimits): string[] {
  const refused = (code: ArchiveRefusalCode, what: string) => {
    const member = shownName(path.toString())
    return new ArchiveRefused(code, `the member "${member}" ${what}`, { member })
  }

  if (path.length > limits.pathBytes) {
    throw refused(
      'archive-path-too-long',
      `has a path of ${path.length} bytes; ${limits.pathBytes} are allowed`,
    )
  }
  const text = decoded(path)
  if (text === undefined) throw refused('archive-invalid-path', 'has a path that is not valid UTF-8')
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) {
    throw refused('archive-invalid-path', 'has a control character in its path')
  }
  if (text.includes('\\')) {
    throw refused('archive-unsafe-path', 'has a backslash in its path, which Windows reads as a slash')
  }
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) {
    throw refused('archive-unsafe-path', 'has ".." in its path, which leaves the archive')
  }
  if (segments.length > DEEPEST) {
    throw refused('archive-path-too-long', `lies ${segments.length} folders deep; ${DEEPEST} are allowed`)
  }
  const longest = segments.find((segment) => Buffer.byteLength(segment) > limits.segmentBytes)
  if (longest !== undefined) {
    throw refused(
      'archive-path-too-long',
      `has a name of ${Buffer.byteLength(longest)} bytes in its path; ${limits.segmentBytes} are allowed`,
    )
  }
  if (text.startsWith('/') && segments.length > 0) {
    throw refused(
      'archive-unsafe-path',
      'has an absolute path; expected is one that starts within the archive',
    )
  }
  if (/^[a-z]:/i.test(segments[0] ?? '')) {
    throw refused('archive-unsafe-path', 'has a path that starts with a drive letter')
  }
  if (!folder && (segments.length === 0 || text.endsWith('/'))) {
    throw refused('archive-invalid-path', 'is a file, but its path is that of a folder')
  }
  return segments
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
