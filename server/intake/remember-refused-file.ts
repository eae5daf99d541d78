import type { Catalog } from '../catalog/catalog.ts'
import type { InboxFile } from './inbox-file.ts'

/**
 * Remembers that a file of the inbox, or an object, is no sound archive, so that nobody hears of it again until it changes.
 *
 * @param code Why it was refused.
 * @throws DomainError as {@link Catalog.write} does.
 */
export async function rememberRefusedFile(
  { catalog }: { catalog: Catalog },
  file: Pick<InboxFile, 'path' | 'size' | 'modifiedAt' | 'version'>,
  code: string,
): Promise<void> {
  await catalog.writeShared((writer) =>
    writer.rememberInboxFile({ ...file, digest: null, outcome: 'refused', code }),
  )
}
