import { createHash, type Hash } from 'node:crypto'
import type { BlobStat, BlobStore, OpenBlob, StagedBlob } from './blob-store.ts'
import type { BlobVerifier, VerificationOutcome, VerifyOptions } from './blob-verifier.ts'
import { hashChunks } from '../../storage/hash-chunks.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'
import type { DamageRegister } from '../coordination/known-damage.ts'
import { OpenReads } from './open-reads.ts'
import { VerifiedStagedBlob } from './verified-staged-blob.ts'

type Range = { start: number; length: number } | undefined

/** A blob being read, and which stored bytes these are. */
export interface VersionedBlob extends OpenBlob {
  version: string
}

/** Blobs that say which stored bytes were opened. */
export interface VersionedBlobs extends BlobStore {
  open(digest: Digest, range?: Range, signal?: AbortSignal): Promise<VersionedBlob>
}

/** How often a blob may be replaced while somebody tries to open a sound part of it. */
const TRIES = 3

/**
 * Blobs that are never given out unless they hash to their digest.
 *
 * Each is hashed as it is first sent after a start, or after its stored bytes may have changed: all but its last chunk
 * goes out at once, the last when the digest agrees; where it does not, reading throws, and the blob is in quarantine.
 * A part is given out only of a blob that was hashed whole.
 */
export class VerifiedBlobs implements VersionedBlobs, BlobVerifier {
  readonly #store: VersionedBlobs
  readonly #damage: DamageRegister
  readonly #sizeOf: (digest: Digest) => Promise<number | undefined>
  /** The version of each blob that was found sound since this program began. */
  readonly #sound = new Map<Digest, string>()
  /** Blobs that are hashed as they are sent. */
  readonly #beingHashed = new Set<Digest>()
  readonly #verifying = new Map<Digest, Promise<VerificationOutcome>>()
  readonly #reads = new OpenReads()

  /** @param sizeOf Bytes that a blob has by the catalog; undefined where no release has it. */
  constructor(
    store: VersionedBlobs,
    damage: DamageRegister,
    sizeOf: (digest: Digest) => Promise<number | undefined>,
  ) {
    this.#store = store
    this.#damage = damage
    this.#sizeOf = sizeOf
  }

  async stage(): Promise<StagedBlob> {
    return new VerifiedStagedBlob(await this.#store.stage(), {
      isDoubtful: async (digest) => {
        const there = await this.#store.stat(digest)
        // Nothing to be seen under a name that is taken: a link or a folder is in the way.
        return there === undefined || there.version !== this.#sound.get(digest)
      },
      committed: (digest) => this.#damage.heal(digest),
    })
  }

  async open(digest: Digest, range?: Range, signal?: AbortSignal): Promise<VersionedBlob> {
    if (range !== undefined) return this.#openPart(digest, range, signal)
    const blob = await this.#openStored(digest, undefined, signal)
    try {
      if (this.#sound.get(digest) === blob.version) return blob
      this.#refuseDamaged(digest, blob.version)
      await this.#requireSize(digest, blob)
      return { ...blob, chunks: this.#checked(digest, blob) }
    } catch (error) {
      await blob.close()
      throw error
    }
  }

  /** @throws DomainError `blob-damaged` where it is in quarantine: nothing may point at it. */
  async stat(digest: Digest): Promise<BlobStat | undefined> {
    const found = await this.#store.stat(digest)
    if (found !== undefined) this.#refuseDamaged(digest, found.version)
    return found
  }

  list(signal?: AbortSignal): AsyncIterable<BlobStat> {
    return this.#store.list(signal)
  }

  async delete(digest: Digest, generation?: number): Promise<void> {
    await this.#store.delete(digest, generation)
    this.#sound.delete(digest)
    await this.#damage.heal(digest)
  }

  freeBytes(): Promise<number | undefined> {
    return this.#store.freeBytes()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  /** Whether somebody is being sent the blob now. */
  isBeingRead(digest: Digest): boolean {
    return this.#reads.has(digest)
  }

  /** What somebody is being sent now. */
  beingRead(): Digest[] {
    return this.#reads.all()
  }

  async verify(digest: Digest, { pace, signal }: VerifyOptions = {}): Promise<VerificationOutcome> {
    let blob: VersionedBlob
    try {
      blob = await this.#openStored(digest, undefined, signal)
    } catch (error) {
      if (error instanceof DomainError && error.code === 'blob-missing') return 'missing'
      throw error
    }
    try {
      const sha256 = await hashChunks(blob.chunks, async (chunk) => {
        await pace?.(chunk.byteLength)
        signal?.throwIfAborted()
      })
      return (await this.#judge(digest, blob.version, sha256)) ? 'sound' : 'damaged'
    } finally {
      await blob.close()
    }
  }

  async #openPart(digest: Digest, range: Range, signal?: AbortSignal): Promise<VersionedBlob> {
    for (let left = TRIES; left > 0; left--) {
      if (!(await this.#isKnownSound(digest))) await this.#verifyOnce(digest)
      const blob = await this.#openStored(digest, range, signal)
      if (this.#sound.get(digest) === blob.version) return blob
      await blob.close()
      this.#refuseDamaged(digest, blob.version)
    }
    throw new DomainError('storage-unavailable', 'The archive keeps being replaced in storage; try again.', {
      digest,
    })
  }

  async #isKnownSound(digest: Digest): Promise<boolean> {
    const sound = this.#sound.get(digest)
    return sound !== undefined && (await this.#store.stat(digest))?.version === sound
  }

  /** However many wait for it, a blob is hashed once. */
  async #verifyOnce(digest: Digest): Promise<void> {
    let verifying = this.#verifying.get(digest)
    if (verifying === undefined) {
      verifying = this.verify(digest).finally(() => this.#verifying.delete(digest))
      this.#verifying.set(digest, verifying)
    }
    if ((await verifying) === 'damaged') throw damaged(digest)
  }

  async *#checked(digest: Digest, blob: VersionedBlob): AsyncGenerator<Uint8Array> {
    // The first who sends it hashes it on the way; whoever sends it beside that one waits with the last chunk.
    const hash = this.#beingHashed.has(digest) ? undefined : createHash('sha256')
    if (hash !== undefined) this.#beingHashed.add(digest)
    try {
      let position = 0
      for await (const chunk of blob.chunks) {
        hash?.update(chunk)
        position += chunk.byteLength
        if (position >= blob.size) await this.#requireSound(digest, blob.version, hash)
        yield chunk
      }
    } finally {
      if (hash !== undefined) this.#beingHashed.delete(digest)
    }
  }

  async #requireSound(digest: Digest, version: string, hash: Hash | undefined): Promise<void> {
    if (this.#sound.get(digest) === version) return
    if (hash === undefined) await this.#verifyOnce(digest)
    else await this.#judge(digest, version, hash.digest('hex'))
    if (this.#sound.get(digest) !== version) throw damaged(digest)
  }

  async #judge(digest: Digest, version: string, sha256: string): Promise<boolean> {
    if (sha256 !== digest) {
      await this.#quarantine(digest, version)
      return false
    }
    this.#sound.set(digest, version)
    await this.#damage.heal(digest)
    return true
  }

  async #quarantine(digest: Digest, version: string): Promise<void> {
    this.#sound.delete(digest)
    // Where it was replaced meanwhile, what was read is not what is there.
    if ((await this.#store.stat(digest))?.version !== version) return
    await this.#damage.note(digest, 'damaged', version)
  }

  async #requireSize(digest: Digest, { size, version }: VersionedBlob): Promise<void> {
    const expected = await this.#sizeOf(digest)
    if (expected === undefined || expected === size) return
    await this.#quarantine(digest, version)
    throw damaged(digest)
  }

  #refuseDamaged(digest: Digest, version: string): void {
    const known = this.#damage.find(digest)
    if (known?.kind === 'damaged' && known.version === version) throw damaged(digest)
  }

  async #openStored(digest: Digest, range: Range, signal?: AbortSignal): Promise<VersionedBlob> {
    try {
      return this.#reads.count(digest, await this.#store.open(digest, range, signal))
    } catch (error) {
      if (error instanceof DomainError && error.code === 'blob-missing') await this.#noteMissing(digest)
      throw error
    }
  }

  async #noteMissing(digest: Digest): Promise<void> {
    this.#sound.delete(digest)
    if ((await this.#sizeOf(digest)) !== undefined) await this.#damage.note(digest, 'missing', '')
  }
}

function damaged(digest: Digest): DomainError {
  return new DomainError(
    'blob-damaged',
    'The stored archive is not what its digest says, and is not given out; publish the same bytes again to heal it.',
    { digest },
  )
}
