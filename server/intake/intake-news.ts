import { trainedLater, type Arrival } from './arrival-order.ts'
import type { IntakeEvent } from './intake-event.ts'
import type { FoundItem, IntakeListing } from './intake-source.ts'

/** Tells the listener what happens, and the same thing about the same item only once. */
export class IntakeNews {
  readonly #tell: (event: IntakeEvent) => void
  readonly #source: string
  readonly #waiting = new Set<string>()
  readonly #ignored = new Map<string, string>()
  #scanFailure: string | undefined

  constructor(source: string, tell: (event: IntakeEvent) => void) {
    this.#source = source
    this.#tell = tell
  }

  /** The source was looked through: what is gone is forgotten, so that it is news when it comes back. */
  scanned({ items, ignored }: IntakeListing<FoundItem>): void {
    const waiting = new Set(items.map(({ path }) => path))
    for (const path of this.#waiting) if (!waiting.has(path)) this.#waiting.delete(path)
    const reasons = new Map(ignored.map(({ path, reason }) => [path, reason]))
    for (const path of this.#ignored.keys()) if (!reasons.has(path)) this.#ignored.delete(path)
    for (const [path, reason] of reasons) {
      if (this.#ignored.get(path) === reason) continue
      this.#ignored.set(path, reason)
      this.#tell({ kind: 'ignored', path, reason })
    }
  }

  /** Everything that is ready could be read: the next failure is news again. */
  recovered(): void {
    this.#scanFailure = undefined
  }

  scanFailed(error: unknown): void {
    if (this.#scanFailure === String(error)) return
    this.#scanFailure = String(error)
    this.#tell({ kind: 'scan-failed', source: this.#source, error })
  }

  waiting({ path, model }: FoundItem): void {
    if (this.#waiting.has(path)) return
    this.#waiting.add(path)
    this.#tell({ kind: 'waiting', path, model })
  }

  /** An item was dealt with. */
  settled(event: IntakeEvent & { kind: 'published' | 'known' | 'refused' }): void {
    this.#waiting.delete(event.path)
    this.#tell(event)
  }

  failed({ path, model }: FoundItem, error: unknown, retryInMs: number): void {
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
