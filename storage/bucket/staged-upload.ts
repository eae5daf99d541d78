import type { CommitOptions, StagedObject } from '../object-store.ts'
import type { SpooledFile } from './spool.ts'

/** An object that waits in the spool until its name is known. */
export class StagedUpload implements StagedObject {
  readonly #file: SpooledFile
  readonly #commit: (key: string, options: CommitOptions) => Promise<'created' | 'exists'>

  constructor(
    file: SpooledFile,
    commit: (key: string, options: CommitOptions) => Promise<'created' | 'exists'>,
  ) {
    this.#file = file
    this.#commit = commit
  }

  get size(): number {
    return this.#file.size
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#file.write(chunk)
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#file.read()
  }

  async commit(key: string, options: CommitOptions): Promise<'created' | 'exists'> {
    const outcome = await this.#commit(key, options)
    if (outcome === 'created') await this.#file.discard()
    return outcome
  }

  discard(): Promise<void> {
    return this.#file.discard()
  }
}
