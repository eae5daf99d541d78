import { stat } from 'node:fs/promises'
import { PullFailure } from '../failure.ts'
import type { Arrived } from './check-download.ts'
import { checkArchiveFile } from './check-archive-file.ts'
import { hashFile } from './hash-file.ts'
import type { InstallFolder } from './install-folder.ts'

/**
 * Copies an archive that lies in the folder already, and checks the copy as if its bytes had come from the source.
 *
 * @throws PullFailure `disk` where it has not this digest any more, `unsound` where it is no sound archive.
 */
export async function takeLocalCopy(
  folder: InstallFolder,
  file: string,
  { digest, inspect, signal }: { digest: string | undefined; inspect: boolean; signal: AbortSignal },
): Promise<Arrived> {
  const copy = await folder.copyIn(file)
  const arrived = { file: copy, bytes: (await stat(copy)).size, digest: await hashFile(copy, signal) }
  if (arrived.digest !== digest)
    throw new PullFailure('disk', `${file} changed while it was copied`, { again: true })
  if (inspect) await checkArchiveFile(copy, signal)
  return arrived
}
