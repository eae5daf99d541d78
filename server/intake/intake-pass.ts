import { BackOff } from '../time/back-off.ts'
import { inArrivalOrder, type Arrival } from './arrival-order.ts'
import type { IntakeDependencies } from './intake-dependencies.ts'
import { IntakeMemory, stampOf } from './intake-memory.ts'
import { IntakeNews } from './intake-news.ts'
import type { FoundItem, IntakeSource } from './intake-source.ts'
import type { IntakeTimings } from './intake-timings.ts'
import { lookOf, takeItem, type Taken } from './take-item.ts'

/** Codes of archives that end early: as a file does that is still being written. */
const MAY_STILL_GROW: readonly string[] = ['archive-missing', 'archive-truncated']

const monotonic = () => performance.now()

/** Looks through a source and publishes what is ready, again and again; remembers what it has seen. Never rejects. */
export class IntakePass<Item extends FoundItem> {
  readonly #source: IntakeSource<Item>
  readonly #dependencies: IntakeDependencies
  readonly #timings: IntakeTimings
  readonly #signal: AbortSignal
  readonly #memory: IntakeMemory
  readonly #backOff: BackOff
  readonly #news: IntakeNews
  /** Items that the first look found, until they are dealt with. */
  #present: Set<string> | undefined

  constructor(
    source: IntakeSource<Item>,
    dependencies: IntakeDependencies,
    timings: IntakeTimings,
    signal: AbortSignal,
  ) {
    this.#source = source
    this.#dependencies = dependencies
    this.#timings = timings
    this.#signal = signal
    const { catalog, rules } = dependencies
    const findRecord = (path: string) => catalog.findIntakeRecord(source.recordPath(path))
    this.#memory = new IntakeMemory(findRecord, rules, monotonic)
    this.#backOff = new BackOff(timings.firstRetryMs, timings.longestRetryMs, monotonic)
    this.#news = new IntakeNews(source.description, dependencies.onEvent)
  }

  /** Has a first look; resolves to whether some items may still be growing. */
  async findPresent(): Promise<boolean> {
    const items = await this.#findUnhandled()
    // Every item is looked at: from its first look on it has to stay as it is.
    return (items ?? []).filter((item) => !this.#isQuiet(item)).length > 0
  }

  /** Has a look and publishes what is ready; resolves to when the next look is due, in milliseconds. */
  async run(): Promise<number> {
    const { quietMs, rescanMs } = this.#timings
    const items = await this.#findUnhandled()
    if (items === undefined) return this.#nextInMs(rescanMs)
    const { quiet = [], growing = [] } = Object.groupBy(items, (item) =>
      this.#isQuiet(item) ? 'quiet' : 'growing',
    )
    for (const item of growing) this.#news.waiting(item)
    const ready = quiet.filter((item) => !this.#isTooEarly(item))
    const changed = await this.#takeInOrder(ready)
    return this.#nextInMs(changed || growing.length > 0 ? quietMs : rescanMs)
  }

  #nextInMs(waitMs: number): number {
    const { rescanMs } = this.#timings
    return Math.min(rescanMs, waitMs, this.#backOff.nextInMs ?? rescanMs)
  }

  async #takeInOrder(ready: readonly Item[]): Promise<boolean> {
    try {
      const ordered = await inArrivalOrder(ready, (item) => this.#readTrainedAt(item))
      const changed = await this.#takeAll(ordered)
      this.#news.recovered()
      return changed
    } catch (error) {
      if (!this.#signal.aborted) this.#news.scanFailed(error)
      return false
    }
  }

  /** Resolves to whether an item changed meanwhile. */
  async #takeAll(items: readonly Item[]): Promise<boolean> {
    const arrivals = new Map<string, Arrival[]>()
    let changed = false
    for (const item of items) {
      // After a failure of the server's, what comes later must not overtake the item that failed.
      if (this.#isTooEarly(item)) continue
      // A folder or bucket that was copied or restored brings nothing new.
      const mode = this.#present?.has(item.path) === true ? 'skip-if-ever' : 'skip-if-latest'
      const taken = await takeItem(this.#dependencies.publish, this.#source, item, mode, this.#signal)
      if (this.#signal.aborted) return changed
      changed ||= taken.kind === 'changed'
      const arrival = await this.#conclude(item, taken)
      if (arrival !== undefined) arrivals.set(item.model, [...(arrivals.get(item.model) ?? []), arrival])
    }
    this.#news.published(arrivals)
    return changed
  }

  async #conclude(item: Item, taken: Taken): Promise<Arrival | undefined> {
    switch (taken.kind) {
      case 'done':
        return this.#concludeDone(item, taken)
      case 'refused':
        await this.#concludeRefused(item, taken)
        return undefined
      case 'changed':
        this.#news.waiting(item)
        return undefined
      case 'failed': {
        const key = taken.blame === 'item' ? itemKey(item) : modelKey(item)
        this.#news.failed(item, taken.error, this.#backOff.fail(key))
        return undefined
      }
    }
  }

  #concludeDone(item: Item, { outcome }: Taken & { kind: 'done' }): Arrival | undefined {
    this.#markHandled(item)
    const { path, model } = item
    if (outcome.kind !== 'published') {
      this.#news.settled({ kind: 'known', path, model, digest: outcome.digest })
      return undefined
    }
    const { release, warnings } = outcome
    this.#news.settled({ kind: 'published', path, model, release, warnings })
    return { path, trainedAt: release.archive.trainedAt }
  }

  async #concludeRefused(item: Item, { code, message }: Taken & { kind: 'refused' }): Promise<void> {
    if (MAY_STILL_GROW.includes(code) && this.#isYoung(item)) {
      this.#backOff.fail(itemKey(item))
      this.#news.waiting(item)
      return
    }
    const { rememberRefused, rules } = this.#dependencies
    try {
      await rememberRefused(lookOf(this.#source, item), code, rules)
    } catch (error) {
      this.#news.failed(item, error, this.#backOff.fail(modelKey(item)))
      return
    }
    this.#markHandled(item)
    this.#news.settled({ kind: 'refused', path: item.path, model: item.model, code, message })
  }

  #markHandled(item: Item): void {
    this.#memory.markHandled(item)
    this.#present?.delete(item.path)
    this.#backOff.forget(itemKey(item))
    this.#backOff.forget(modelKey(item))
  }

  /** The items that are not dealt with as they are now; undefined where source or catalog cannot be read. */
  async #findUnhandled(): Promise<Item[] | undefined> {
    try {
      const listing = await this.#source.list(this.#signal)
      this.#memory.keepOnly(new Set(listing.items.map(({ path }) => path)))
      const unhandled: Item[] = []
      for (const item of listing.items) {
        if (!(await this.#memory.isHandled(item))) unhandled.push(item)
      }
      this.#present ??= new Set(unhandled.map(({ path }) => path))
      this.#news.scanned(listing)
      return unhandled
    } catch (error) {
      if (!this.#signal.aborted) this.#news.scanFailed(error)
      return undefined
    }
  }

  #isQuiet(item: Item): boolean {
    const unchangedForMs = this.#memory.unchangedForMs(item)
    if (unchangedForMs >= this.#timings.quietMs) return true
    // What lay here long before the start need not be waited for.
    return this.#present?.has(item.path) === true && this.#ageMs(item) >= this.#timings.incompleteGraceMs
  }

  #isYoung(item: Item): boolean {
    // By our own time too: the clock of a file server may be ahead.
    const ageMs = Math.max(this.#ageMs(item), this.#memory.unchangedForMs(item))
    return ageMs < this.#timings.incompleteGraceMs
  }

  #ageMs({ modifiedAt, changedAt = modifiedAt }: Item): number {
    return this.#dependencies.clock.now() - Math.max(modifiedAt, changedAt)
  }

  /** Whether it failed a short while ago. */
  #isTooEarly(item: Item): boolean {
    return this.#backOff.isTooEarly(itemKey(item)) || this.#backOff.isTooEarly(modelKey(item))
  }

  /** Undefined too where it is no sound archive: publishing it will tell why. */
  async #readTrainedAt(item: Item): Promise<string | undefined> {
    const { readTrainedAt } = this.#dependencies
    return await readTrainedAt?.(this.#source.read(item, this.#signal)).catch(() => undefined)
  }
}

/** What failed for one version of an item says nothing about the next. */
function itemKey(item: FoundItem): string {
  return `item ${item.path} ${stampOf(item)}`
}

function modelKey({ model }: FoundItem): string {
  return `model ${model}`
}
