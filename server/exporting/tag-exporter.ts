import type { Housekeeping, HousekeepingTerm } from '../coordination/housekeeping.ts'
import type { CurrentReleases } from '../releases/current-releases.ts'
import type { Digest } from '../releases/release.ts'
import { ArchiveExporter, type ArchiveExporterDependencies } from './archive-exporter.ts'
import { CheckSchedule } from './check-schedule.ts'
import { FailedExports } from './failed-exports.ts'
import { KnownExports } from './known-exports.ts'
import { wantedExports, type WantedExport } from './wanted-exports.ts'

/** How often a server that is not the housekeeper looks whether it has become it, in milliseconds. */
const TERM_MS = 5_000

/** How often the housekeeper asks the bucket whether the objects are still those that it put there, in milliseconds. */
const CHECK_MS = 60_000

/** What an exporter needs. */
export interface ExportDependencies extends ArchiveExporterDependencies {
  /** @see exportName */
  nameTemplate: string
  /** Which tags; undefined: all but `latest`. */
  tags: readonly string[] | undefined
  current: CurrentReleases
  /** Of several servers, one copies. */
  housekeeping: Housekeeping
  /** Milliseconds between looks for a term of the housekeeping, 5,000 by default. */
  termMs?: number
  /** Milliseconds between looks at all objects, 60,000 by default. */
  checkMs?: number
  /** Milliseconds before the second attempt, and at most between attempts. */
  retries?: { firstMs: number; longestMs: number }
}

/** How the export of a tag stands. */
export interface ExportState {
  model: string
  tag: string
  name: string
  /** What the tag points at: what is to be there. */
  digest: Digest
  state: 'done' | 'pending' | 'failed'
  /** How often this digest was tried since it is due, by this process. */
  attempts: number
  lastError: string | null
  /** When another archive, or this one, was put there last; null: never. */
  exportedAt: string | null
}

/**
 * Keeps a copy of each tag's archive in a bucket under a fixed name. What is due is never a list that could be lost: it
 * is the difference between where tags point and what the catalog says was exported. What a former housekeeper still sends may
 * arrive at any time: it shows in another version at the next check.
 */
export class TagExporter {
  readonly #dependencies: ExportDependencies
  readonly #known: KnownExports
  readonly #archives: ArchiveExporter
  readonly #checks: CheckSchedule
  readonly #failures: FailedExports
  readonly #stopping = new AbortController()
  /** The term of the housekeeping that {@link #known} was read in. */
  #epoch: number | undefined
  #news = Promise.withResolvers<undefined>()
  #running: Promise<void> = Promise.resolve()

  constructor(dependencies: ExportDependencies) {
    this.#dependencies = dependencies
    this.#known = new KnownExports(dependencies.place)
    this.#archives = new ArchiveExporter(dependencies, this.#known)
    this.#checks = new CheckSchedule(dependencies.checkMs ?? CHECK_MS)
    this.#failures = new FailedExports(dependencies.retries ?? { firstMs: 1_000, longestMs: 60_000 })
  }

  /** Begins with what became due while nobody exported. */
  async start(): Promise<void> {
    await this.#readExports()
    this.#running = this.#run()
  }

  /** A tag may have moved. */
  wake(): void {
    this.#news.resolve(undefined)
  }

  /** Ends it; an upload that is under way is dropped, and done again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The export was stopped'))
    this.wake()
    await this.#running
  }

  /** How every export stands, by model and tag. */
  list(): ExportState[] {
    return this.#wanted().map((wanted) => {
      const exported = this.#known.find(wanted)
      const isDone = this.#known.findDone(wanted) !== undefined
      const failure = isDone ? undefined : this.#failures.find(wanted)
      return {
        ...wanted,
        state: isDone ? 'done' : failure === undefined ? 'pending' : 'failed',
        attempts: failure?.attempts ?? 0,
        lastError: failure?.lastError ?? null,
        exportedAt: exported?.exportedAt ?? null,
      }
    })
  }

  async #run(): Promise<void> {
    while (!this.#isStopping()) {
      // Made before looking, so that no news in between is missed.
      this.#news = Promise.withResolvers()
      const term = await this.#findTerm()
      if (term === undefined) {
        await this.#waitForNews(this.#dependencies.termMs ?? TERM_MS)
        continue
      }
      const due = this.#due().find((wanted) => !this.#failures.isTooEarly(wanted))
      const unchecked = due === undefined ? this.#checks.next(() => this.#wanted()) : undefined
      if (due !== undefined) await this.#attempt(due, term)
      else if (unchecked !== undefined) await this.#check(unchecked, term)
      else await this.#waitForNews(Math.min(this.#failures.nextInMs ?? Infinity, this.#checks.nextInMs))
    }
  }

  /** Has what is another object than was put there exported again. */
  async #check(wanted: WantedExport, term: HousekeepingTerm): Promise<void> {
    const exported = this.#known.findDone(wanted)
    if (exported === undefined) return
    try {
      const found = await this.#dependencies.store.stat(wanted.name, this.#signalOf(term))
      if (found?.version !== exported.version) this.#known.putInDoubt(exported)
    } catch {
      // The store does not answer, which is logged where it is asked: its objects are looked at when the next check is due.
      this.#checks.skipRest()
    }
  }

  /** The term that this server has; undefined too where the catalog does not say what the housekeeper before it has copied. */
  async #findTerm(): Promise<HousekeepingTerm | undefined> {
    const { term } = this.#dependencies.housekeeping
    if (term?.signal.aborted === true) return undefined
    if (term !== undefined && term.epoch === this.#epoch) return term
    const isRead = await this.#readExports().then(
      () => true,
      () => false,
    )
    // A server that is not the housekeeper reads it, too: it is asked how exports stand.
    if (!isRead || term === undefined) return undefined
    this.#epoch = term.epoch
    this.#checks.restart()
    return term
  }

  async #readExports(): Promise<void> {
    for (const exported of await this.#dependencies.catalog.listExports()) this.#known.remember(exported)
  }

  /** Until there is news, or so many milliseconds have passed. */
  async #waitForNews(nextInMs: number): Promise<void> {
    const wake = () => {
      this.wake()
    }
    const timer = setTimeout(wake, nextInMs + 1)
    await this.#news.promise
    clearTimeout(timer)
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #attempt(due: WantedExport, term: HousekeepingTerm): Promise<void> {
    const { onEvent } = this.#dependencies
    const { model, tag, name, digest } = due
    const signal = this.#signalOf(term)
    try {
      const outcome = await this.#archives.export(due, { term, signal })
      this.#failures.forget(due)
      if (outcome === 'exported') onEvent({ kind: 'exported', model, tag, name, digest })
    } catch (error) {
      if (signal.aborted) return
      onEvent({ kind: 'failed', model, tag, name, error, retryInMs: this.#failures.note(due, error) })
    }
  }

  #signalOf(term: HousekeepingTerm): AbortSignal {
    return AbortSignal.any([this.#stopping.signal, term.signal])
  }

  #due(): WantedExport[] {
    return this.#wanted().filter((wanted) => this.#known.findDone(wanted) === undefined)
  }

  #wanted(): WantedExport[] {
    const { current, nameTemplate, tags } = this.#dependencies
    return wantedExports(current, tags, nameTemplate)
  }
}
