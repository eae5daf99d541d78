import type { Instant } from '../time/clock.ts'
import type { Digest } from '../releases/release.ts'

/** A blob whose bytes are not what its digest says, or not there. */
export interface DamagedBlob {
  readonly digest: Digest
  readonly kind: 'damaged' | 'missing'
  /** The stored bytes that were looked at (BlobStat.version); other bytes deserve another look. Empty: none. */
  readonly version: string
  readonly damagedAt: Instant
}

/** The damaged blobs that are known, in memory: asked for each archive that is sent. */
export class DamagedBlobs {
  readonly #blobs = new Map<Digest, DamagedBlob>()

  find(digest: Digest): DamagedBlob | undefined {
    return this.#blobs.get(digest)
  }

  add(blob: DamagedBlob): void {
    this.#blobs.set(blob.digest, blob)
  }

  /** @returns whether it was known as damaged. */
  remove(digest: Digest): boolean {
    return this.#blobs.delete(digest)
  }

  get size(): number {
    return this.#blobs.size
  }

  all(): DamagedBlob[] {
    return [...this.#blobs.values()]
  }
}
