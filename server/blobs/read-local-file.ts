import { fileChunks } from '../../storage/filesystem/file-chunks.ts'
import type { OpenFile } from '../../storage/filesystem/file-system.ts'
import type { ByteRange } from '../../storage/object-store.ts'
import type { OpenBlob } from './blob-store.ts'

/**
 * A blob being read from a local file, whole or still growing.
 *
 * @param requireSame As of {@link fileChunks}.
 */
export function readLocalFile(
  file: Pick<OpenFile, 'read'>,
  size: number,
  range: ByteRange,
  onClose: () => Promise<void>,
  requireSame?: () => Promise<void>,
): OpenBlob {
  let closed = false
  return {
    size,
    chunks: fileChunks(file, range, 'the local copy', undefined, requireSame),
    async close() {
      if (closed) return
      closed = true
      await onClose()
    },
  }
}
