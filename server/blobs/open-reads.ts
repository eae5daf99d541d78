import type { OpenBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'

/** Counts who reads which blob: what is being read is not deleted. */
export class OpenReads {
  readonly #readers = new Map<Digest, number>()

  has(digest: Digest): boolean {
    return this.#readers.has(digest)
  }

  /** What somebody reads. */
  all(): Digest[] {
    return [...this.#readers.keys()]
  }

  /** Counts an opened blob until it is closed. */
  count<Blob extends OpenBlob>(digest: Digest, blob: Blob): Blob {
    this.#readers.set(digest, (this.#readers.get(digest) ?? 0) + 1)
    let isOpen = true
    const close = async (): Promise<void> => {
      if (isOpen) this.#leave(digest)
      isOpen = false
      await blob.close()
    }
    return { ...blob, close }
  }

  #leave(digest: Digest): void {
    const left = (this.#readers.get(digest) ?? 1) - 1
    if (left > 0) this.#readers.set(digest, left)
    else this.#readers.delete(digest)
  }
}
