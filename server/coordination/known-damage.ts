/** A blob whose bytes are not what its digest says, or not there. */
export interface DamagedBlob {
  readonly digest: string
  readonly kind: 'damaged' | 'missing'
  /** The stored bytes that were looked at (BlobStat.version); other bytes deserve another look. Empty: none. */
  readonly version: string
  /** ISO 8601, UTC. */
  readonly damagedAt: string
}

/**
 * Which blobs are in quarantine, whichever server found out. Asked for each archive that is sent, and so answered from memory: what
 * another server found may be missing for a moment, and is found here as well when the blob is first sent.
 */
export interface KnownDamage {
  find(digest: string): DamagedBlob | undefined
  all(): DamagedBlob[]
  readonly size: number
}

/** Who hashes blobs says here what it found. */
export interface DamageRegister {
  find(digest: string): DamagedBlob | undefined
  /** Puts a blob in quarantine. @param version The stored bytes that were looked at. */
  note(digest: string, kind: DamagedBlob['kind'], version: string): Promise<void>
  /** Takes a blob out of quarantine, if it is there: its bytes are sound. */
  heal(digest: string): Promise<void>
}
