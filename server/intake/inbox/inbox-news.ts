import { trainedLater, type Arrival } from './arrival-order.ts'
import type { InboxEvent } from './inbox-event.ts'
import type { FoundFile, InboxListing } from './list-inbox.ts'

/** Tells the listener what happens, and the same thing about the same file only once. */
export class InboxNews {
  readonly #tell: (event: InboxEvent) => void
  readonly #folder: string
  readonly #waiting = new Set<string>()
  readonly #ignored = new Map<string, string>()
  #scanFailure: string | undefined

  constructor(folder: string, tell: (event: InboxEvent) => void) {
    this.#folder = folder
    this.#tell = tell
  }

  /** The inbox was looked through: what is gone is forgotten, so that it is news when it comes back. */
  scanned({ files, ignored }: InboxListing): void {
    this.#scanFailure = undefined
    const waiting = new Set(files.map(({ path }) => path))
    for (const path of this.#waiting) if (!waiting.has(path)) this.#waiting.delete(path)
    const reasons = new Map(ignored.map(({ path, reason }) => [path, reason]))
    for (const path of this.#ignored.keys()) if (!reasons.has(path)) this.#ignored.delete(path)
    for (const [path, reason] of reasons) {
      if (this.#ignored.get(path) === reason) continue
      this.#ignored.set(path, reason)
      this.#tell({ kind: 'ignored', path, reason })
    }
  }

  scanFailed(error: unknown): void {
    if (this.#scanFailure === String(error)) return
    this.#scanFailure = String(error)
    this.#tell({ kind: 'scan-failed', folder: this.#folder, error })
  }

  waiting({ path, model }: FoundFile): void {
    if (this.#waiting.has(path)) return
    this.#waiting.add(path)
    this.#tell({ kind: 'waiting', path, model })
  }

  /** A file was dealt with. */
  settled(event: InboxEvent & { kind: 'published' | 'known' | 'refused' }): void {
    this.#waiting.delete(event.path)
    this.#tell(event)
  }

  failed({ path, model }: FoundFile, error: unknown, retryInMs: number): void {
    this.#tell({ kind: 'failed', path, model, error, retryInMs })
  }

  /** Says so where the order of publishing is not that of training; `arrivals` in the order of publishing. */
  published(arrivals: ReadonlyMap<string, readonly Arrival[]>): void {
    for (const [model, ofModel] of arrivals) {
      const doubt = trainedLater(ofModel)
      if (doubt === undefined) continue
      const { last, newest } = doubt
      this.#tell({
        kind: 'order-doubtful',
        model,
        newestByTime: last.path,
        newestByTraining: newest.path,
      })
    }
  }
}
