import type { CommitOptions, StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'

/** What is known of the blob that lies where a staged one wants to be. */
export interface StoredBlobKnowledge {
  /** Whether stored bytes are there that nobody vouches for. */
  isDoubtful: (digest: Digest) => Promise<boolean>
  committed: (digest: Digest) => Promise<void>
}

/**
 * A staged blob that heals: its bytes were hashed a moment ago, so they take the place of stored ones that were not
 * hashed since the start, or that are known to be damaged.
 */
export class VerifiedStagedBlob implements StagedBlob {
  readonly #staged: StagedBlob
  readonly #stored: StoredBlobKnowledge

  constructor(staged: StagedBlob, stored: StoredBlobKnowledge) {
    this.#staged = staged
    this.#stored = stored
  }

  get size(): number {
    return this.#staged.size
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#staged.write(chunk)
  }

  digest(): Digest {
    return this.#staged.digest()
  }

  async commit(options: CommitOptions = {}): Promise<'created' | 'exists'> {
    const digest = this.digest()
    let outcome = await this.#staged.commit(options)
    if (outcome === 'exists' && (await this.#stored.isDoubtful(digest))) {
      outcome = await this.#staged.commit({ ...options, replace: true })
    }
    await this.#stored.committed(digest)
    return outcome
  }

  discard(): Promise<void> {
    return this.#staged.discard()
  }
}
