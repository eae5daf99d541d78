import type { StagedBlob } from './blob-store.ts'
import type { Digest } from '../releases/release.ts'

interface Healing {
  /** Whether stored bytes that nobody vouches for lie where these will. */
  mustReplace: (digest: Digest) => Promise<boolean>
  committed: (digest: Digest) => Promise<void>
}

/**
 * A staged blob that heals: its bytes were hashed a moment ago, so they take the place of stored ones that were not
 * hashed since the start, or that are known to be damaged.
 */
export class HealingBlob implements StagedBlob {
  readonly #staged: StagedBlob
  readonly #healing: Healing

  constructor(staged: StagedBlob, healing: Healing) {
    this.#staged = staged
    this.#healing = healing
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

  async commit(): Promise<void> {
    const digest = this.digest()
    await this.#staged.commit({ replace: await this.#healing.mustReplace(digest) })
    await this.#healing.committed(digest)
  }

  discard(): Promise<void> {
    return this.#staged.discard()
  }
}
