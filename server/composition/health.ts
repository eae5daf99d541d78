import { isDamaged, isFull } from '../catalog/sqlite/sqlite-error.ts'
import { DomainError } from '../errors/errors.ts'
import type { Readiness, Unready } from '../http/operate/health.ts'

/** What the server's parts report of themselves, and what `/readyz` makes of it. */
export class Health {
  #stopping = false
  #catalog: DomainError | undefined
  #storage: string | undefined
  #ownership: string | undefined
  #isCatalogMissing = false
  #storageRecovered: () => void = () => undefined
  #askStorage: () => Promise<boolean> = () => Promise.resolve(false)

  /** No new work shall be sent here. */
  stopping(): void {
    this.#stopping = true
  }

  /** The catalog takes no changes, or, with undefined, takes them again. */
  catalogFailed(refusal: DomainError | undefined): void {
    this.#catalog = refusal
  }

  /** The catalog is damaged or could not be opened: polls are answered from what it said last, and nothing can be changed. */
  get isCatalogLost(): boolean {
    return this.#isCatalogMissing || isDamaged(this.#catalog) || isFull(this.#catalog)
  }

  /** The server starts without its catalog. */
  catalogMissing(refusal: DomainError): void {
    this.#catalog = refusal
    this.#isCatalogMissing = true
  }

  /** The storage cannot be used, and why; or, with undefined, it can be again. */
  storageFailed(reason: string | undefined): void {
    const isBack = this.#storage !== undefined && reason === undefined
    this.#storage = reason
    if (isBack) this.#storageRecovered()
  }

  /** @param ask Finds out whether the storage is away, for {@link isStorageAway}. */
  onStorageAsked(ask: () => Promise<boolean>): void {
    this.#askStorage = ask
  }

  /** Whether the storage failed and does not answer now either; it may take 3 s. */
  readonly isStorageAway = async (): Promise<boolean> =>
    this.#storage !== undefined && (await this.#askStorage())

  /** Has `listener`, one for all, hear each time that the storage can be used again. */
  onStorageRecovered(listener: () => void): void {
    this.#storageRecovered = listener
  }

  /** Another server owns the bucket, or may; or, with undefined, this one does. It changes nothing meanwhile. */
  ownershipChanged(reason: string | undefined): void {
    this.#ownership = reason
  }

  /** @throws DomainError `storage-owned-elsewhere` */
  readonly requireOwnership = (): void => {
    if (this.#ownership !== undefined) throw new DomainError('storage-owned-elsewhere', this.#ownership)
  }

  readonly readiness: Readiness = () => {
    if (this.#stopping) return unready(false, 'shutting-down', 'The server is shutting down.')
    // Pulls are answered from memory and from blobs that are there: bots that start cold are not sent away.
    if (this.#catalog !== undefined) return unready(true, 'catalog-unavailable', this.#catalog.message)
    if (this.#ownership !== undefined) return unready(true, 'storage-owned-elsewhere', this.#ownership)
    if (this.#storage !== undefined) return unready(true, 'storage-unavailable', this.#storage)
    return { ready: true }
  }
}

function unready(pulls: boolean, code: Unready['code'], reason: string): Unready {
  return { ready: false, pulls, code, reason }
}
