import { setTimeout as delay } from 'node:timers/promises'
import { LARGEST_SWAP, type ObjectStore } from '../../../storage/object-store.ts'
import { replaceObject } from '../../../storage/replace-object.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { listEveryModel } from '../../catalog/list-every-model.ts'
import { listEveryRelease } from '../../catalog/list-every-release.ts'
import type { Housekeeping, HousekeepingTerm } from '../../coordination/housekeeping.ts'
import type { Model } from '../../releases/model.ts'
import type { Clock } from '../../time/clock.ts'
import { instantOf } from '../../time/clock.ts'
import {
  meaningOfRecordKey,
  releaseRecordKey,
  releasesPrefix,
  tagsRecordKey,
  type ReleaseRecord,
  type TagsRecord,
} from './catalog-record.ts'

/** Changes come in bursts. */
const PAUSE_MILLISECONDS = 1000
const LONGEST_PAUSE_MILLISECONDS = 5 * 60 * 1000

export interface RecordWriterDependencies {
  /** Where the archives lie. */
  store: ObjectStore
  catalog: Catalog
  clock: Clock
  /** Of several servers over one catalog the housekeeper writes: one that is slow would put back what is older. */
  housekeeping: Housekeeping
  /** Told of each attempt that failed; it is made again, later each time. */
  onFailure: (error: unknown) => void
}

/**
 * Keeps the records in a bucket at what the catalog says. What is due is the difference between a model's revision and the
 * one that was recorded last, so that it goes on after a crash.
 */
export class RecordWriter {
  readonly #dependencies: RecordWriterDependencies
  readonly #stopping = new AbortController()
  /** Numbers that have a record, by model; read from the bucket once for each. */
  readonly #recorded = new Map<string, Set<number>>()
  readonly #revisions = new Map<string, number>()
  #epoch: number | undefined
  #isDue = true
  #wake: () => void = () => undefined
  #loop: Promise<void> = Promise.resolve()

  constructor(dependencies: RecordWriterDependencies) {
    this.#dependencies = dependencies
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** Some model may have changed. */
  modelsChanged(): void {
    this.#isDue = true
    this.#wake()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    this.#wake()
    await this.#loop
  }

  /** Writes what is due now. @throws what store and catalog throw; LeaseTaken where another server has the term by then. */
  async writeDue(term: HousekeepingTerm): Promise<void> {
    for (const model of await listEveryModel(this.#dependencies.catalog)) await this.#writeModel(model, term)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let pause = PAUSE_MILLISECONDS
    while (!signal.aborted) {
      if (!this.#isDue) await new Promise<void>((resolve) => (this.#wake = resolve))
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined)
      if (isAborted(signal)) return
      const term = this.#findTerm()
      if (term === undefined) continue
      this.#isDue = false
      try {
        await this.writeDue(term)
        pause = PAUSE_MILLISECONDS
      } catch (error) {
        if (isAborted(signal)) return
        this.#isDue = true
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS)
        this.#dependencies.onFailure(error)
      }
    }
  }

  /** The term that this server has, if it is to write. What another one wrote since is not what this one remembers. */
  #findTerm(): HousekeepingTerm | undefined {
    const { term } = this.#dependencies.housekeeping
    const epoch = term?.epoch
    if (epoch !== this.#epoch) {
      this.#recorded.clear()
      this.#revisions.clear()
    }
    this.#epoch = epoch
    return term
  }

  async #writeModel(model: Model, term: HousekeepingTerm): Promise<void> {
    const { catalog, clock } = this.#dependencies
    const task = `records:${model.model}`
    const known = this.#revisions.get(model.model) ?? Number((await catalog.findTaskProgress(task))?.position)
    if (known === model.revision) return
    const recorded = await this.#recordedNumbers(model.model)
    const released = await this.#releasedNumbers(model.model)
    for (const number of released) if (!recorded.has(number)) await this.#writeRelease(model.model, number)
    const { record, version } = await this.#readTags(model)
    // One may have been published since the releases were listed: tags never name a release that has no record.
    for (const { release } of record.tags) {
      released.add(release)
      if (!recorded.has(release)) await this.#writeRelease(model.model, release)
    }
    await this.#writeTags(record, version)
    for (const number of [...recorded].filter((each) => !released.has(each))) {
      await this.#dependencies.store.delete(releaseRecordKey(model.model, number))
      recorded.delete(number)
    }
    const now = instantOf(clock)
    await term
      .fence(catalog)
      .writeShared((writer) =>
        writer.saveTaskProgress(task, { position: String(model.revision), begunAt: now, completedAt: now }),
      )
    this.#revisions.set(model.model, model.revision)
  }

  async #recordedNumbers(model: string): Promise<Set<number>> {
    const known = this.#recorded.get(model)
    if (known !== undefined) return known
    const found = new Set<number>()
    for await (const { key } of this.#dependencies.store.list(releasesPrefix(model), this.#stopping.signal)) {
      const meaning = meaningOfRecordKey(key)
      if (meaning?.kind === 'release') found.add(meaning.number)
    }
    this.#recorded.set(model, found)
    return found
  }

  async #releasedNumbers(model: string): Promise<Set<number>> {
    const releases = await listEveryRelease(this.#dependencies.catalog, model)
    return new Set(releases.map(({ number }) => number))
  }

  async #writeRelease(model: string, number: number): Promise<void> {
    const release = await this.#dependencies.catalog.findRelease(model, number)
    // Deleted since it was listed: the model has a new revision then.
    if (release === undefined) return
    const bundle = await this.#dependencies.catalog.findBundle(model, number)
    const record: ReleaseRecord = {
      format: 1,
      ...release,
      archive: { ...release.archive },
      ...(bundle === undefined ? {} : { bundle }),
    }
    await this.#put(releaseRecordKey(model, number), record)
    this.#recorded.get(model)?.add(number)
  }

  /** Where the tags of a model point, and the version of their record before. */
  async #readTags(model: Model): Promise<{ record: TagsRecord; version: string | null }> {
    const before = await this.#dependencies.store.stat(tagsRecordKey(model.model), this.#stopping.signal)
    return { record: await this.#tagsOf(model), version: before?.version ?? null }
  }

  /** Of two servers that take each other for ended, the slow one must not put back what is older: it finds another record then. */
  async #writeTags(record: TagsRecord, version: string | null): Promise<void> {
    const { store } = this.#dependencies
    const { signal } = this.#stopping
    const key = tagsRecordKey(record.model)
    const bytes = bytesOf(record)
    if (bytes.byteLength > LARGEST_SWAP) await replaceObject(store, key, bytes, signal)
    else await store.swap(key, bytes, version, signal)
  }

  async #tagsOf({ model, defaultTag, createdAt, nextNumber, signatures, quota }: Model): Promise<TagsRecord> {
    const tags = await this.#dependencies.catalog.listTags(model)
    return {
      format: 1,
      ...{ model, defaultTag, createdAt, nextNumber, signatures, quota },
      tags: tags.map(({ tag, release, movedAt, movedBy, reason }) => ({
        ...{ tag, release, movedAt, movedBy, reason },
      })),
    }
  }

  async #put(key: string, record: object): Promise<void> {
    await replaceObject(this.#dependencies.store, key, bytesOf(record), this.#stopping.signal)
  }
}

function bytesOf(record: object): Buffer {
  return Buffer.from(JSON.stringify(record))
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
