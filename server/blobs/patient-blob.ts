import { setTimeout as delay } from 'node:timers/promises'
import type { StagedBlob } from './blob-store.ts'
import { DomainError } from '../errors/errors.ts'
import type { Digest } from '../releases/release.ts'

/**
 * A staged blob of a far-away store, whose commit outlasts a passing failure: whoever published has sent all bytes, and
 * is not to send them again. A store that is full is one that is unavailable: the disk here is not.
 */
export class PatientBlob implements StagedBlob {
  readonly #staged: StagedBlob
  readonly #pauses: readonly number[]

  /** @param pauses Milliseconds before each further try. */
  constructor(staged: StagedBlob, pauses: readonly number[]) {
    this.#staged = staged
    this.#pauses = pauses
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

  async commit(options?: { replace?: boolean }): Promise<void> {
    for (const pause of [...this.#pauses, undefined]) {
      try {
        await this.#staged.commit(options)
        return
      } catch (error) {
        if (!mayPass(error) || pause === undefined) throw inOurWords(error)
        await delay(pause)
      }
    }
  }

  discard(): Promise<void> {
    return this.#staged.discard()
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'storage-unavailable'
}

function inOurWords(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.code !== 'disk-full') return error
  return new DomainError(
    'storage-unavailable',
    'The bucket is full; make room there, then try again.',
    error.data,
    {
      cause: error,
    },
  )
}
