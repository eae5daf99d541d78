import { DEFAULT_ARCHIVE_LIMITS } from './archive-limits.ts'
import type { ArchiveLimits } from './archive-limits.ts'
import { GzipReader } from './gzip/gzip-reader.ts'
import { TarReader } from './tar/tar-reader.ts'

/**
 * Checks that these bytes are a sound archive with safe members: gzip to its checksum, tar to its end. What
 * Rasa would make of it is not looked at.
 *
 * @throws ArchiveRefused where it is not; or whatever reading `bytes` throws
 */
export async function checkArchive(
  bytes: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS,
): Promise<void> {
  const tar = new TarReader(limits)
  const gzip = new GzipReader(limits, (plain) => {
    tar.push(plain)
  })
  try {
    for await (const chunk of bytes) await gzip.write(chunk)
    gzip.end()
    tar.end()
  } finally {
    gzip.close(new Error('checking the archive has ended'))
  }
}
