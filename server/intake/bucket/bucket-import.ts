import type { ObjectStore } from '../../../storage/object-store.ts'
import { BackOff } from '../../time/back-off.ts'
import type { CatalogReader } from '../../catalog/catalog.ts'
import type { InboxFile } from '../inbox-file.ts'
import type { ImportEvent } from './import-event.ts'
import { modelOfKey } from './model-of-key.ts'
import { takeObject, type FoundObject, type Publish, type TakenObject } from './take-object.ts'

/** What an import needs. */
export interface ImportDependencies {
  store: ObjectStore
  /** `s3://bucket/folder`: what objects are remembered by. */
  place: string
  /** A folder in it that is left alone. */
  except: string | undefined
  intervalMilliseconds: number
  catalog: Pick<CatalogReader, 'findInboxFile'>
  publish: Publish
  rememberRefused: (
    file: Pick<InboxFile, 'path' | 'size' | 'modifiedAt' | 'version'>,
    code: string,
  ) => Promise<void>
  onEvent: (event: ImportEvent) => void
}

const LONGEST_RETRY_MS = 300_000

/**
 * Publishes what is put into a folder of a bucket, each version of an object once, also across restarts. Nothing is
 * ever written or deleted there.
 */
export class BucketImport {
  readonly #dependencies: ImportDependencies
  /** Versions that were dealt with, by path. */
  readonly #settled = new Map<string, string>()
  readonly #ignored = new Map<string, string>()
  readonly #backOff: BackOff
  #lookFailure: string | undefined
  /** Objects that the first look found, until they are dealt with. */
  #present: Set<string> | undefined

  constructor(dependencies: ImportDependencies) {
    this.#dependencies = dependencies
    this.#backOff = new BackOff(dependencies.intervalMilliseconds, LONGEST_RETRY_MS, () => performance.now())
  }

  /** Looks through the bucket and publishes what is new, in the order of its coming. Never rejects. */
  async look(signal: AbortSignal): Promise<void> {
    try {
      const objects = await this.#findUnsettled(signal)
      this.#present ??= new Set(objects.map(({ path }) => path))
      this.#lookFailure = undefined
      for (const object of objects) {
        signal.throwIfAborted()
        // After a failure what comes later must not overtake what failed.
        if (this.#backOff.isHeld(object.model)) continue
        await this.#take(object, signal)
      }
    } catch (error) {
      if (!signal.aborted) this.#lookFailed(error)
    }
  }

  async #findUnsettled(signal: AbortSignal): Promise<FoundObject[]> {
    const { store, place, except, catalog } = this.#dependencies
    const found: FoundObject[] = []
    const paths = new Set<string>()
    const ignored = new Map<string, string>()
    for await (const object of store.list('', signal)) {
      if (except !== undefined && object.key.startsWith(`${except}/`)) continue
      const meaning = modelOfKey(object.key)
      if (meaning === undefined) continue
      if ('ignored' in meaning) ignored.set(object.key, meaning.ignored)
      else {
        const path = `${place}/${object.key}`
        paths.add(path)
        found.push({ ...object, model: meaning.model, path })
      }
    }
    this.#tellIgnored(ignored)
    for (const path of this.#settled.keys()) if (!paths.has(path)) this.#settled.delete(path)
    const unsettled: FoundObject[] = []
    for (const object of found) if (!(await this.#isSettled(object, catalog))) unsettled.push(object)
    return unsettled.sort((one, other) => one.modifiedAt - other.modifiedAt || (one.key < other.key ? -1 : 1))
  }

  async #isSettled({ path, version }: FoundObject, catalog: ImportDependencies['catalog']): Promise<boolean> {
    if (!this.#settled.has(path)) {
      const known = await catalog.findInboxFile(path)
      if (known?.version !== undefined) this.#settled.set(path, known.version)
    }
    return this.#settled.get(path) === version
  }

  async #take(object: FoundObject, signal: AbortSignal): Promise<void> {
    const { publish, store } = this.#dependencies
    // A bucket that was copied or restored brings nothing new.
    const mode = this.#present?.has(object.path) === true ? 'skip-if-ever' : 'skip-if-latest'
    const taken = await takeObject(publish, store, object, mode, signal)
    signal.throwIfAborted()
    await this.#conclude(object, taken)
  }

  async #conclude(object: FoundObject, taken: TakenObject): Promise<void> {
    const { onEvent, rememberRefused } = this.#dependencies
    const { key, model, path, size, modifiedAt, version } = object
    switch (taken.kind) {
      case 'changed':
        return
      case 'away':
        throw taken.error
      case 'failed':
        this.#failed(object, taken.error)
        return
      case 'refused':
        try {
          await rememberRefused({ path, size, modifiedAt, version }, taken.code)
        } catch (error) {
          this.#failed(object, error)
          return
        }
        this.#settle(object)
        onEvent({ kind: 'refused', key, model, code: taken.code, message: taken.message })
        return
      case 'done': {
        this.#settle(object)
        const { outcome } = taken
        if (outcome.kind === 'published') onEvent({ kind: 'published', key, model, release: outcome.release })
        else onEvent({ kind: 'known', key, model, digest: outcome.digest })
      }
    }
  }

  #settle({ path, version, model }: FoundObject): void {
    this.#settled.set(path, version)
    this.#present?.delete(path)
    this.#backOff.release(model)
  }

  #failed({ key, model }: FoundObject, error: unknown): void {
    const retryInMs = this.#backOff.hold(model)
    this.#dependencies.onEvent({ kind: 'failed', key, model, error, retryInMs })
  }

  #lookFailed(error: unknown): void {
    if (this.#lookFailure === String(error)) return
    this.#lookFailure = String(error)
    this.#dependencies.onEvent({ kind: 'look-failed', error })
  }

  #tellIgnored(ignored: ReadonlyMap<string, string>): void {
    for (const key of this.#ignored.keys()) if (!ignored.has(key)) this.#ignored.delete(key)
    for (const [key, reason] of ignored) {
      if (this.#ignored.get(key) === reason) continue
      this.#ignored.set(key, reason)
      this.#dependencies.onEvent({ kind: 'ignored', key, reason })
    }
  }
}
