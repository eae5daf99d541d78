import { StoreFailed, StoreFull, StoreUnavailable } from '../object-store.ts'

/** The `code` of a system error, `ENOENT` and the like; undefined of anything else. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Whether a system error says that no file can be under that path. */
export function meansNoFile(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENXIO'].includes(systemCode(error) ?? '')
}

/** A system error in the words of the port; `doing` says what failed: `writing /data/.staging/x`. */
export function toStoreError(error: unknown, doing: string): unknown {
  switch (systemCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreFull(`no space left for ${doing}: free some, or enlarge the volume`, { cause: error })
    case 'EMFILE':
    case 'ENFILE':
      return new StoreUnavailable(`too many open files for ${doing}: raise the limit (ulimit -n)`, {
        cause: error,
      })
    case 'EIO':
    case 'EROFS':
    case 'ESTALE':
      return new StoreFailed(`the disk failed ${doing}: check the volume and its log`, { cause: error })
    default:
      return error
  }
}

/** Waits for work on a file. @param doing as in {@link toStoreError} @throws what that makes of a failure. */
export async function inStoreWords<Result>(work: Promise<Result>, doing: string): Promise<Result> {
  try {
    return await work
  } catch (error) {
    throw toStoreError(error, doing)
  }
}
