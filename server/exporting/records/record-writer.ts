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
  RECORDED_DATABASE,
  RECORDS_PREFIX,
  recordsTask,
  releaseRecordKey,
  releasesPrefix,
  tagsRecordKey,
  type ReleaseRecord,
  type TagsRecord,
} from './catalog-record.ts'
import { findDoubtedRecords, NO_DOUBT } from './doubted-records.ts'
import { forgetRecorded } from './forget-recorded.ts'

/** Milliseconds before records are written: changes come in bursts, and a bucket that fails is away for a while. */
export interface RecordPauses {
  readonly first: number
  /** Each failure in a row doubles the pause, up to this. */
  readonly longest: number
}

const STANDARD_PAUSES: RecordPauses = { first: 1000, longest: 5 * 60 * 1000 }

export interface RecordWriterDependencies {
  /** Where the archives lie. */
  store: ObjectStore
  catalog: Catalog
  clock: Clock
  /** Of several servers over one catalog the housekeeper writes: one that is slow would put back what is older. */
  housekeeping: Housekeeping
  /**
   * Which database the catalog is in, as far as is known: one that servers are failed over to may give numbers of releases again to others.
   * Empty where it is in a file.
   */
  database?: () => string | undefined
  /** Told of each attempt that failed; it is made again, later each time. */
  onFailure: (error: unknown) => void
  pauses?: RecordPauses
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
  #isStoreKnown = false
  #isDue = false
  #rest = new AbortController()
  #wake: () => void = () => undefined
  #loop: Promise<void> = Promise.resolve()

  constructor(dependencies: RecordWriterDependencies) {
    this.#dependencies = dependencies
  }

  /** Whether something may be due still. */
  get isDue(): boolean {
    return this.#isDue
  }

  start(): void {
    this.#isDue = true
    this.#loop = this.#run()
  }

  /** Some model may have changed, or the database may be another one. */
  modelsChanged(): void {
    this.#isDue = true
    this.#wake()
  }

  /** The store can be used again: what failed is tried at once. */
  storeRecovered(): void {
    this.#rest.abort()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The server stops'))
    this.#rest.abort()
    this.#wake()
    await this.#loop
  }

  /**
   * Writes what became due while the server stopped, where it has the term.
   *
   * @throws as {@link writeDue} does.
   */
  async finish(signal: AbortSignal): Promise<void> {
    const term = this.#findTerm()
    if (term === undefined) return
    await this.writeDue(term, signal)
    this.#isDue = false
  }

  /** Writes what is due now. @throws what store and catalog throw; LeaseTaken where another server has the term by then. */
  async writeDue(term: HousekeepingTerm, signal: AbortSignal = this.#stopping.signal): Promise<void> {
    const { catalog, store } = this.#dependencies
    const database = await this.#findOtherDatabase()
    const doubted = database === undefined ? NO_DOUBT : await findDoubtedRecords(store, signal)
    const models = await listEveryModel(catalog)
    if (!this.#isStoreKnown) await this.#knowStore(models, term, signal)
    for (const model of models) await this.#writeModel(model, doubted.get(model.model), term, signal)
    if (database !== undefined) await this.#saveProgress(RECORDED_DATABASE, database, term)
  }

  /** The database that the catalog is in, where it is not the one from which was recorded last: the catalog itself says which that was. */
  async #findOtherDatabase(): Promise<string | undefined> {
    const { catalog, database = () => '' } = this.#dependencies
    const answering = database() ?? ''
    if (answering === '') return undefined
    const before = await catalog.findTaskProgress(RECORDED_DATABASE)
    return before?.position === answering ? undefined : answering
  }

  /** A store without any record is another one than that which was written to: archives were moved there (slipway migrate). */
  async #knowStore(models: readonly Model[], term: HousekeepingTerm, signal: AbortSignal): Promise<void> {
    const { catalog, clock, store } = this.#dependencies
    const first = await store.list(RECORDS_PREFIX, signal)[Symbol.asyncIterator]().next()
    if (first.done === true && models.length > 0)
      await term.fence(catalog).writeShared((writer) => forgetRecorded(writer, models, clock.now()))
    this.#isStoreKnown = true
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const { first, longest } = this.#dependencies.pauses ?? STANDARD_PAUSES
    let pause = first
    while (!signal.aborted) {
      if (!this.#isDue) await this.#untilDue()
      if (isAborted(signal)) return
      await delay(pause, undefined, { signal: this.#rest.signal, ref: false }).catch(() => undefined)
      if (isAborted(signal)) return
      if (isAborted(this.#rest.signal)) pause = first
      // Before the attempt: one that began while the store was away may fail when it is back, and is made again at once.
      this.#rest = new AbortController()
      const term = this.#findTerm()
      if (term === undefined) continue
      this.#isDue = false
      try {
        await this.writeDue(term)
        pause = first
      } catch (error) {
        // Also of one that was given up as the server stops: `finish` makes it again.
        this.#isDue = true
        if (isAborted(signal)) return
        pause = Math.min(pause * 2, longest)
        this.#dependencies.onFailure(error)
      }
    }
  }

  async #untilDue(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve))
    // A store that came back meanwhile has nothing written sooner.
    if (!isAborted(this.#stopping.signal)) this.#rest = new AbortController()
  }

  /** The term that this server has, if it is to write. What another one wrote since is not what this one remembers. */
  #findTerm(): HousekeepingTerm | undefined {
    const { term } = this.#dependencies.housekeeping
    const epoch = term?.epoch
    if (epoch !== this.#epoch) {
      this.#recorded.clear()
      this.#revisions.clear()
      this.#isStoreKnown = false
    }
    this.#epoch = epoch
    return term
  }

  /** @param doubted Releases whose records are to be written anew, though they are there; undefined: nothing of the model is in doubt. */
  async #writeModel(
    model: Model,
    doubted: ReadonlySet<number> | undefined,
    term: HousekeepingTerm,
    signal: AbortSignal,
  ): Promise<void> {
    const { catalog } = this.#dependencies
    const task = recordsTask(model.model)
    const known = this.#revisions.get(model.model) ?? Number((await catalog.findTaskProgress(task))?.position)
    if (known === model.revision && doubted === undefined) return
    const recorded = await this.#recordedNumbers(model.model, signal)
    const released = await this.#releasedNumbers(model.model)
    for (const number of released)
      if (!recorded.has(number) || doubted?.has(number) === true)
        await this.#writeRelease(model.model, number, signal)
    const { record, version } = await this.#readTags(model, signal)
    // One may have been published since the releases were listed: tags never name a release that has no record.
    for (const { release } of record.tags) {
      released.add(release)
      if (!recorded.has(release)) await this.#writeRelease(model.model, release, signal)
    }
    await this.#writeTags(record, version, signal)
    for (const number of [...recorded].filter((each) => !released.has(each))) {
      await this.#dependencies.store.delete(releaseRecordKey(model.model, number))
      recorded.delete(number)
    }
    await this.#saveProgress(task, String(model.revision), term)
    this.#revisions.set(model.model, model.revision)
  }

  async #saveProgress(task: string, position: string, term: HousekeepingTerm): Promise<void> {
    const now = instantOf(this.#dependencies.clock)
    const progress = { position, begunAt: now, completedAt: now }
    await term
      .fence(this.#dependencies.catalog)
      .writeShared((writer) => writer.saveTaskProgress(task, progress))
  }

  async #recordedNumbers(model: string, signal: AbortSignal): Promise<Set<number>> {
    const known = this.#recorded.get(model)
    if (known !== undefined) return known
    const found = new Set<number>()
    for await (const { key } of this.#dependencies.store.list(releasesPrefix(model), signal)) {
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

  async #writeRelease(model: string, number: number, signal: AbortSignal): Promise<void> {
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
    await replaceObject(this.#dependencies.store, releaseRecordKey(model, number), bytesOf(record), signal)
    this.#recorded.get(model)?.add(number)
  }

  /** Where the tags of a model point, and the version of their record before. */
  async #readTags(
    model: Model,
    signal: AbortSignal,
  ): Promise<{ record: TagsRecord; version: string | null }> {
    const before = await this.#dependencies.store.stat(tagsRecordKey(model.model), signal)
    return { record: await this.#tagsOf(model), version: before?.version ?? null }
  }

  /** Of two servers that take each other for ended, the slow one must not put back what is older: it finds another record then. */
  async #writeTags(record: TagsRecord, version: string | null, signal: AbortSignal): Promise<void> {
    const { store } = this.#dependencies
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
}

function bytesOf(record: object): Buffer {
  return Buffer.from(JSON.stringify(record))
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
