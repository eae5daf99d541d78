import { ArchiveCheck } from './archive-check.ts'
import { DEFAULT_ARCHIVE_LIMITS } from './archive-limits.ts'
import type { ArchiveLimits } from './archive-limits.ts'

/**
 * Checks that these bytes are a sound archive with safe members.
 *
 * @throws ArchiveRefused where it is not; or whatever reading `bytes` throws
 */
export async function checkArchive(
  bytes: AsyncIterable<Uint8Array>,
  limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS,
): Promise<void> {
  const check = new ArchiveCheck(limits)
  try {
    for await (const chunk of bytes) await check.write(chunk)
    check.end()
  } finally {
    check.close()
  }
}
