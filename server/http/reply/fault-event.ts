import type { ProblemCode } from '../../../protocol/problem-table.ts'

/** The names of the server's own faults in the log. */
const BY_CODE: Partial<Record<ProblemCode, string>> = {
  'disk-full': 'disk_full',
  'blob-missing': 'blob_missing',
  'blob-damaged': 'bitrot',
  'storage-failed': 'storage_failed',
  'storage-unavailable': 'store_error',
  'storage-owned-elsewhere': 'store_owned_elsewhere',
  'catalog-busy': 'catalog_busy',
  'catalog-unavailable': 'catalog_unavailable',
}

const BY_SYSTEM_CODE: Record<string, string> = { EMFILE: 'fd_exhausted', ENFILE: 'fd_exhausted' }

const BY_SYSTEM_CALL: Record<string, string> = { fsync: 'fsync_failed', read: 'blob_read_error' }

/** The name of a fault's log line: as exact as the system error at its root allows. */
export function faultEvent(code: ProblemCode, error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code: systemCode = '', syscall = '' } = cause as NodeJS.ErrnoException
    const event = BY_SYSTEM_CODE[systemCode] ?? BY_SYSTEM_CALL[syscall]
    if (event !== undefined) return event
  }
  return BY_CODE[code] ?? 'request_failed'
}
