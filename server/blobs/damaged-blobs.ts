import type { DamagedBlob, KnownDamage } from '../coordination/known-damage.ts'
import type { Digest } from '../releases/release.ts'

/** The damaged blobs that are known, in memory: asked for each archive that is sent. */
export class DamagedBlobs implements KnownDamage {
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
