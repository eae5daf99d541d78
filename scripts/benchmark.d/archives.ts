import path from 'node:path'
import { largeArchiveFile } from '../../test/support/archive-builder.ts'

/** Writes a sound archive of about `megabytes` MB, whose weights do not compress, into `folder`; returns its path. */
export async function writeArchive(folder: string, megabytes: number): Promise<string> {
  const file = path.join(folder, `bench-${megabytes}mb.tar.gz`)
  await largeArchiveFile(file, megabytes * 1e6, { payload: 'noise' })
  return file
}
