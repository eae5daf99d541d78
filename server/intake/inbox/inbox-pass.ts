import { inArrivalOrder, type Arrival } from './arrival-order.ts'
import { BackOff } from '../../time/back-off.ts'
import { FileMemory, stampOf } from './file-memory.ts'
import type { InboxDependencies } from './inbox-dependencies.ts'
import { inboxFileBytes } from './inbox-file-bytes.ts'
import { InboxNews } from './inbox-news.ts'
import type { InboxTimings } from './inbox-timings.ts'
import { listInbox, type FoundFile } from './list-inbox.ts'
import { takeFile, type Taken } from './take-file.ts'

/** Codes of files that end early: as a file does that is still being written. */
const MAY_STILL_GROW: readonly string[] = ['archive-missing', 'archive-truncated']

const monotonic = () => performance.now()

/** Looks through the inbox and publishes what is ready, again and again; remembers what it has seen. */
export class InboxPass {
  readonly #root: string
  readonly #dependencies: InboxDependencies
  readonly #timings: InboxTimings
  readonly #signal: AbortSignal
  readonly #memory: FileMemory
  readonly #backOff: BackOff
  readonly #news: InboxNews
  /** Files that the first look found, until they are dealt with. */
  #present: Set<string> | undefined

  constructor(root: string, dependencies: InboxDependencies, timings: InboxTimings, signal: AbortSignal) {
    this.#root = root
    this.#dependencies = dependencies
    this.#timings = timings
    this.#signal = signal
    this.#memory = new FileMemory((path) => dependencies.catalog.findInboxFile(path), monotonic)
    this.#backOff = new BackOff(timings.firstRetryMs, timings.longestRetryMs, monotonic)
    this.#news = new InboxNews(dependencies.folder, dependencies.onEvent)
  }

  /** Has a first look; resolves to whether some files may still be growing. */
  async findPresent(): Promise<boolean> {
    const files = await this.#findUnsettled()
    // Every file is looked at: from its first look on it has to stay as it is.
    return files.filter((file) => !this.#isQuiet(file)).length > 0
  }

  /** Has a look and publishes what is ready; resolves to when the next look is due, in milliseconds. */
  async run(): Promise<number> {
    const { quietMs, rescanMs } = this.#timings
    const files = await this.#findUnsettled()
    const { quiet = [], growing = [] } = Object.groupBy(files, (file) =>
      this.#isQuiet(file) ? 'quiet' : 'growing',
    )
    for (const file of growing) this.#news.waiting(file)
    const ready = quiet.filter((file) => !this.#isHeld(file))
    const ordered = await inArrivalOrder(ready, (file) => this.#readTrainedAt(file))
    const changed = await this.#takeAll(ordered)
    const waitMs = changed || growing.length > 0 ? quietMs : rescanMs
    return Math.min(rescanMs, waitMs, this.#backOff.nextInMs ?? rescanMs)
  }

  /** Resolves to whether a file changed meanwhile. */
  async #takeAll(files: readonly FoundFile[]): Promise<boolean> {
    const arrivals = new Map<string, Arrival[]>()
    let changed = false
    for (const file of files) {
      // After a failure of the server's, what comes later must not overtake the file that failed.
      if (this.#isHeld(file)) continue
      const mode = this.#present?.has(file.path) === true ? 'skip-if-ever' : 'skip-if-latest'
      const taken = await takeFile(this.#dependencies.publish, this.#root, file, mode, this.#signal)
      if (this.#signal.aborted) return changed
      changed ||= taken.kind === 'changed'
      const arrival = await this.#conclude(file, taken)
      if (arrival !== undefined) arrivals.set(file.model, [...(arrivals.get(file.model) ?? []), arrival])
    }
    this.#news.published(arrivals)
    return changed
  }

  async #conclude(file: FoundFile, taken: Taken): Promise<Arrival | undefined> {
    switch (taken.kind) {
      case 'done':
        return this.#concludeDone(file, taken)
      case 'refused':
        await this.#concludeRefused(file, taken)
        return undefined
      case 'changed':
        this.#news.waiting(file)
        return undefined
      case 'failed': {
        const key = taken.blame === 'file' ? fileKey(file) : modelKey(file)
        this.#news.failed(file, taken.error, this.#backOff.hold(key))
        return undefined
      }
    }
  }

  #concludeDone(file: FoundFile, { outcome }: Taken & { kind: 'done' }): Arrival | undefined {
    this.#settle(file)
    const { path, model } = file
    if (outcome.kind !== 'published') {
      this.#news.settled({ kind: 'known', path, model, digest: outcome.digest })
      return undefined
    }
    const { release } = outcome
    this.#news.settled({ kind: 'published', path, model, release })
    return { path, trainedAt: release.archive.trainedAt }
  }

  async #concludeRefused(file: FoundFile, { code, message }: Taken & { kind: 'refused' }): Promise<void> {
    if (MAY_STILL_GROW.includes(code) && this.#isYoung(file)) {
      this.#backOff.hold(fileKey(file))
      this.#news.waiting(file)
      return
    }
    const { path, model, size, modifiedAt } = file
    try {
      await this.#dependencies.rememberRefused({ path, size, modifiedAt }, code)
    } catch (error) {
      this.#news.failed(file, error, this.#backOff.hold(modelKey(file)))
      return
    }
    this.#settle(file)
    this.#news.settled({ kind: 'refused', path, model, code, message })
  }

  #settle(file: FoundFile): void {
    this.#memory.settle(file)
    this.#present?.delete(file.path)
    this.#backOff.release(fileKey(file))
    this.#backOff.release(modelKey(file))
  }

  /** The files that are not dealt with as they are now; none where the folder or the catalog cannot be read. */
  async #findUnsettled(): Promise<FoundFile[]> {
    try {
      const listing = await listInbox(this.#root)
      this.#memory.keepOnly(new Set(listing.files.map(({ path }) => path)))
      const unsettled: FoundFile[] = []
      for (const file of listing.files) {
        if (!(await this.#memory.isSettled(file))) unsettled.push(file)
      }
      this.#present ??= new Set(unsettled.map(({ path }) => path))
      this.#news.scanned(listing)
      return unsettled
    } catch (error) {
      this.#news.scanFailed(error)
      return []
    }
  }

  #isQuiet(file: FoundFile): boolean {
    const unchangedForMs = this.#memory.unchangedForMs(file)
    if (unchangedForMs >= this.#timings.quietMs) return true
    // What lay here long before the start need not be waited for.
    return this.#present?.has(file.path) === true && this.#ageMs(file) >= this.#timings.patienceMs
  }

  #isYoung(file: FoundFile): boolean {
    // By our own time too: the clock of a file server may be ahead.
    const ageMs = Math.max(this.#ageMs(file), this.#memory.unchangedForMs(file))
    return ageMs < this.#timings.patienceMs
  }

  #ageMs({ modifiedAt, changedAt }: FoundFile): number {
    return this.#dependencies.clock.now() - Math.max(modifiedAt, changedAt)
  }

  #isHeld(file: FoundFile): boolean {
    return this.#backOff.isHeld(fileKey(file)) || this.#backOff.isHeld(modelKey(file))
  }

  /** Undefined too where it is no sound archive: publishing it will tell why. */
  async #readTrainedAt(file: FoundFile): Promise<string | undefined> {
    const bytes = inboxFileBytes(this.#root, file, this.#signal)
    return await this.#dependencies.readTrainedAt(bytes).catch(() => undefined)
  }
}

/** What held one version of a file says nothing about the next. */
function fileKey(file: FoundFile): string {
  return `file ${file.path} ${stampOf(file)}`
}

function modelKey({ model }: FoundFile): string {
  return `model ${model}`
}
