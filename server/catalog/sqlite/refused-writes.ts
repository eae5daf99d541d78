import { DomainError } from '../../errors/errors.ts'
import { CatalogMoving } from '../moving.ts'
import { OverwrittenCatalog } from './require-same-contents.ts'

/** Milliseconds until a catalog whose disk failed is tried again: the first time, and at most. */
const PROBE = { firstMs: 1_000, longestMs: 60_000 }

/** Between two looks whether a catalog that is being moved takes writes again. */
const MOVE_LOOK_MS = 1_000

export interface RefusedWritesOptions {
  /** Milliseconds until writes are tried again after the disk failed one: the first time, and at most. */
  probe?: { firstMs: number; longestMs: number }
  /** Told when the catalog stops to take writes, with the reason, and with undefined when it takes them again. */
  onWritable?: (refusal: DomainError | undefined) => void
}

/** How it is found out whether a catalog takes writes again. */
export interface WriteTrial {
  /** Runs something while no write does. */
  readonly alone: (work: () => Promise<void>) => Promise<void>
  /** Rejects where the disk does not store what it is given. */
  readonly rewrite: () => Promise<void>
  /** Rejects with {@link CatalogMoving} where the catalog is being moved. */
  readonly requireStill: () => Promise<void>
}

/**
 * Why a catalog takes no writes, if it takes none, and since it may take them again by itself: who looks at that, ever more rarely.
 * A damaged file takes none until a backup is restored.
 */
export class RefusedWrites {
  readonly #trial: WriteTrial
  readonly #options: RefusedWritesOptions
  #refusal: DomainError | undefined
  #isDamaged = false
  #isClosed = false
  #timer: NodeJS.Timeout | undefined

  constructor(trial: WriteTrial, options: RefusedWritesOptions) {
    this.#trial = trial
    this.#options = options
  }

  /** Why there are none; undefined where there are. */
  get refusal(): DomainError | undefined {
    return this.#refusal
  }

  get isDamaged(): boolean {
    return this.#isDamaged
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Looks no more whether there are any again. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** The file is damaged, or another one. */
  endForGood(error: unknown): void {
    this.#isDamaged = true
    clearTimeout(this.#timer)
    if (error instanceof OverwrittenCatalog) this.#refuse(error.message, error)
    else
      this.#refuse(
        'The catalog is damaged. Bots are served what it said last; nothing can be changed until a backup is restored: ' +
          'stop the server, then slipway restore.',
        error,
      )
  }

  /**
   * The disk failed to store a write. After a failed sync the kernel may drop what it could not write and call the next sync a
   * success (P. Larson et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
   */
  suspend(cause: unknown): void {
    this.#refuse(
      'The catalog takes no writes since its disk failed to store one. It is tried again by itself; look at the disk.',
      cause,
    )
    this.#scheduleProbe(this.#probing.firstMs)
  }

  /** The files do not lie where they should, and may be put back. */
  suspendWhileMisplaced(refusal: DomainError): void {
    if (this.#refusal !== undefined) return
    this.#note(refusal)
    this.#scheduleProbe(this.#probing.firstMs)
  }

  /** Takes writes again when the move was given up. */
  pauseWhileMoving(refusal: CatalogMoving): void {
    if (this.#refusal !== undefined) return
    this.#note(refusal)
    this.#lookWhetherItMoves()
  }

  get #probing(): { firstMs: number; longestMs: number } {
    return this.#options.probe ?? PROBE
  }

  #note(refusal: DomainError | undefined): void {
    this.#refusal = refusal
    this.#options.onWritable?.(refusal)
  }

  #refuse(message: string, cause: unknown): void {
    this.#note(new DomainError('catalog-unavailable', message, {}, { cause }))
  }

  #lookWhetherItMoves(): void {
    this.#timer = setTimeout(() => {
      void this.#trial.alone(async () => {
        if (this.#isClosed || !(this.#refusal instanceof CatalogMoving)) return
        const error = await this.#trial.requireStill().then(
          () => undefined,
          (rejection: unknown) => rejection,
        )
        // A read beside it may have found damage meanwhile.
        if (this.#wasFoundDamaged()) return
        if (error === undefined) {
          this.#note(undefined)
          return
        }
        if (error instanceof CatalogMoving && this.#refusal.message !== error.message) this.#note(error)
        this.#lookWhetherItMoves()
      })
    }, MOVE_LOOK_MS).unref()
  }

  #scheduleProbe(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      void this.#trial.alone(() => this.#probe(milliseconds))
    }, milliseconds).unref()
  }

  async #probe(waited: number): Promise<void> {
    if (this.#isClosed || this.#isDamaged) return
    try {
      await this.#trial.rewrite()
    } catch {
      // The failure may have told of damage meanwhile.
      if (!this.#wasFoundDamaged()) this.#scheduleProbe(Math.min(waited * 2, this.#probing.longestMs))
      return
    }
    // A read beside it may have found damage meanwhile.
    if (!this.#wasFoundDamaged()) this.#note(undefined)
  }

  #wasFoundDamaged(): boolean {
    return this.#isDamaged
  }
}
