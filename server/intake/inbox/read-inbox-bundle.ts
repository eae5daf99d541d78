import path from 'node:path'
import { LONGEST_BUNDLE_BYTES } from '../../../protocol/signature.ts'
import { BUNDLE_SUFFIX } from '../bundle-suffix.ts'
import { ItemChanged } from '../intake-source.ts'
import { readStart } from '../read-start.ts'
import type { FoundFile } from './list-inbox.ts'
import { openRegularFile } from './read-inbox-file.ts'

/**
 * The signature that lies beside an archive of the inbox; undefined where none does. A byte more than any bundle has is
 * read, so that what is longer is refused.
 *
 * @throws ItemUnreadable
 */
export async function readInboxBundle(root: string, file: FoundFile): Promise<Uint8Array | undefined> {
  const handle = await openRegularFile(path.join(root, `${file.path}${BUNDLE_SUFFIX}`)).catch(
    (error: unknown) => {
      if (error instanceof ItemChanged) return undefined
      throw error
    },
  )
  if (handle === undefined) return undefined
  try {
    if (!(await handle.stat()).isFile()) return undefined
    const chunks = handle.createReadStream({ autoClose: false }) as AsyncIterable<Uint8Array>
    return await readStart(chunks, LONGEST_BUNDLE_BYTES + 1)
  } finally {
    await handle.close()
  }
}
