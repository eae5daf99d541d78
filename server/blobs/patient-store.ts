import { setTimeout as delay } from 'node:timers/promises'
import type { CommitOptions, ObjectStore, StagedObject } from '../../storage/object-store.ts'
import { StoreFull, StoreUnavailable } from '../../storage/object-store.ts'

/** Pauses before each further try of a commit, in milliseconds: a store may be restarted meanwhile. */
const PAUSES = [1_000, 2_000, 4_000, 8_000]

/**
 * A far-away store whose commits outlast a passing failure: whoever published has sent all bytes, and is not to send
 * them again. A store that is full is one that is unavailable: the disk here is not.
 *
 * @param pauses Milliseconds before each further try.
 */
export function patientStore(store: ObjectStore, pauses: readonly number[] = PAUSES): ObjectStore {
  return {
    description: store.description,
    probe: (signal) => store.probe(signal),
    stage: async () => new PatientObject(await store.stage(), pauses),
    open: (key, options) => store.open(key, options),
    stat: (key, signal) => store.stat(key, signal),
    list: (prefix, signal) => store.list(prefix, signal),
    delete: (key) => store.delete(key),
    sweep: (signal) => store.sweep(signal),
    close: () => store.close(),
  }
}

class PatientObject implements StagedObject {
  readonly #staged: StagedObject
  readonly #pauses: readonly number[]

  constructor(staged: StagedObject, pauses: readonly number[]) {
    this.#staged = staged
    this.#pauses = pauses
  }

  get size(): number {
    return this.#staged.size
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#staged.write(chunk)
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#staged.read()
  }

  async commit(key: string, options: CommitOptions): Promise<'created' | 'exists'> {
    for (const pause of this.#pauses) {
      try {
        return await this.#staged.commit(key, options)
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw inOurWords(error)
        await delay(pause, undefined, options.signal ? { signal: options.signal } : {})
      }
    }
    try {
      return await this.#staged.commit(key, options)
    } catch (error) {
      throw inOurWords(error)
    }
  }

  discard(): Promise<void> {
    return this.#staged.discard()
  }
}

function inOurWords(error: unknown): unknown {
  if (!(error instanceof StoreFull)) return error
  return new StoreUnavailable(error.message, { cause: error })
}
