import { KeyedMutex } from '../../concurrency/keyed-mutex.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { BlobClaim, BlobLock } from '../coordination/blob-lock.ts'
import { repeat } from '../time/repeat.ts'

/** Milliseconds for which a claim is good, and between two renewals: a server that ended keeps a blob for no longer. */
export const CLAIM_MS = 60_000
const RENEWAL_MS = 20_000

/** Claims blobs in a catalog that several servers share, while they are stored and named. */
export class ClaimedBlobs implements BlobLock {
  readonly #catalog: Pick<Catalog, 'writeShared'>
  readonly #local = new KeyedMutex()

  constructor(catalog: Pick<Catalog, 'writeShared'>) {
    this.#catalog = catalog
  }

  run<Result>(digest: string, work: (claim: BlobClaim) => Promise<Result>): Promise<Result> {
    return this.#local.run(digest, async () => {
      const claim = () => this.#catalog.writeShared((writer) => writer.claimBlob(digest, CLAIM_MS))
      const generation = await claim()
      const ending = new AbortController()
      const renew = () => claim().then(() => undefined)
      // Where it cannot be renewed, the transaction that names the blob asks whether it was lost.
      void repeat({ first: RENEWAL_MS, every: RENEWAL_MS }, ending.signal, renew, () => undefined)
      try {
        return await work({ generation })
      } finally {
        ending.abort()
      }
    })
  }
}
