import type { OpenBlob } from '../../server/blobs/blob-store.ts'
import { collect } from '../contracts/object-bytes.ts'

/** All bytes of an open blob, which is closed, also where it breaks. */
export async function readBlob(blob: OpenBlob): Promise<Buffer> {
  try {
    return await collect(blob.chunks)
  } finally {
    await blob.close()
  }
}
