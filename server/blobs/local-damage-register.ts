import type { DamagedBlob, DamageRegister } from '../coordination/known-damage.ts'
import type { DamagedBlobs } from './damaged-blobs.ts'
import type { Digest } from '../releases/release.ts'

/** Who hears of damage, and of its end. What these throw is theirs to catch: a blob stays refused all the same. */
export interface DamageListener {
  damaged(blob: DamagedBlob): Promise<void>
  healed(digest: Digest): Promise<void>
}

/** What this server found of damaged blobs: known at once in memory, told once to whoever writes it down. */
export class LocalDamageRegister implements DamageRegister {
  readonly #blobs: DamagedBlobs
  readonly #now: () => string
  readonly #listener: DamageListener

  constructor(blobs: DamagedBlobs, now: () => string, listener: DamageListener) {
    this.#blobs = blobs
    this.#now = now
    this.#listener = listener
  }

  find(digest: Digest): DamagedBlob | undefined {
    return this.#blobs.find(digest)
  }

  async note(digest: Digest, kind: DamagedBlob['kind'], version: string): Promise<void> {
    const known = this.#blobs.find(digest)
    if (known?.kind === kind && known.version === version) return
    const blob = { digest, kind, version, damagedAt: this.#now() }
    this.#blobs.add(blob)
    await this.#listener.damaged(blob)
  }

  async heal(digest: Digest): Promise<void> {
    if (this.#blobs.remove(digest)) await this.#listener.healed(digest)
  }
}
