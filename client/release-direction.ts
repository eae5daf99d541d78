import { PullFailure } from './failure.ts'
import type { Entry } from './install/state.ts'
import type { PullerOptions } from './puller-options.ts'
import type { ArchiveHead } from './sources/source.ts'

/**
 * Whether an offered release has a lower number than the installed one of the same source: a rollback, or a server
 * that was restored; both look the same from here.
 *
 * @returns what to tell people; undefined where the model does not go back.
 * @throws PullFailure where `allowRollback` is false.
 */
export function checkDirection(
  installed: Entry | undefined,
  { release }: Pick<ArchiveHead, 'release'>,
  { source, allowRollback }: Pick<PullerOptions, 'source' | 'allowRollback'>,
): string | undefined {
  if (installed?.release === undefined || release === undefined || release >= installed.release)
    return undefined
  if (installed.source !== source.key) return undefined
  const what = `the model goes back, from release ${installed.release} to ${release}`
  if (allowRollback === false) throw new PullFailure('source', `${what}, which --no-rollback forbids`)
  return what
}
