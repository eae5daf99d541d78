import { realpath } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { IntakeDependencies } from '../intake-dependencies.ts'
import { IntakePass } from '../intake-pass.ts'
import { inboxSource } from './inbox-source.ts'
import { DEFAULT_TIMINGS, type InboxTimings } from './inbox-timings.ts'
import type { FoundFile } from './list-inbox.ts'
import { watchFolder, type FolderWatch } from './watch-folder.ts'

/** What an inbox needs. */
export interface InboxDependencies extends IntakeDependencies {
  /** The folder that is watched; nothing is ever written, moved or deleted there. */
  folder: string
  timings?: Partial<InboxTimings>
}

type Pass = IntakePass<FoundFile>

/** A timer may fire this much before its time. */
const EARLY_MS = 2

/**
 * Publishes what is put into a folder: `x.tar.gz` under model `default`, `{model}/x.tar.gz` under `{model}`.
 *
 * The folder is looked through when the file system tells of a change, and every 10 s, since network disks
 * and container mounts tell nothing. Whatever the cause, a look is the same: one pass over all files.
 */
export class Inbox {
  readonly #dependencies: InboxDependencies
  readonly #timings: InboxTimings
  readonly #stopping = new AbortController()
  #watch: FolderWatch | undefined
  #running: Promise<void> = Promise.resolve()
  #isRunning = false
  #next: { timer: NodeJS.Timeout; at: number } | undefined
  #lastLookAt = -Infinity

  constructor(dependencies: InboxDependencies) {
    this.#dependencies = dependencies
    this.#timings = { ...DEFAULT_TIMINGS, ...dependencies.timings }
  }

  /**
   * Takes in what lies there, and watches from then on. Resolves when all files that were there have been
   * dealt with, but for those that are still growing and those whose publishing failed: these follow by
   * themselves.
   */
  async start(): Promise<void> {
    const { folder } = this.#dependencies
    // chokidar sees nothing, and says nothing, in a folder that is itself a symbolic link.
    const root = await realpath(folder).catch(() => folder)
    const pass = new IntakePass(
      inboxSource(root, folder),
      this.#dependencies,
      this.#timings,
      this.#stopping.signal,
    )
    this.#running = this.#takePresent(pass)
    await this.#running
    if (this.#isStopping()) return
    this.#watch = watchFolder(
      root,
      () => {
        this.#lookSoon(pass)
      },
      (error) => {
        this.#dependencies.onEvent({ kind: 'watch-failed', source: folder, error })
      },
    )
    this.#lookSoon(pass)
  }

  /** Ends it: a file that is just being taken is dropped, and found again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('The inbox was stopped'))
    clearTimeout(this.#next?.timer)
    await this.#watch?.close()
    await this.#running
  }

  async #takePresent(pass: Pass): Promise<void> {
    if (await pass.findPresent()) await this.#pause(this.#timings.quietMs + EARLY_MS)
    if (!this.#isStopping()) await pass.run()
  }

  /** Has a look soon; many calls make one look, and a file that is being written few. */
  #lookSoon(pass: Pass): void {
    const { gatherMs, quietMs } = this.#timings
    const now = performance.now()
    this.#lookIn(pass, Math.max(gatherMs, this.#lastLookAt + quietMs - now))
  }

  /** Has a look after some milliseconds, unless one is due sooner. */
  #lookIn(pass: Pass, milliseconds: number): void {
    const at = performance.now() + milliseconds
    if (this.#isStopping() || (this.#next !== undefined && this.#next.at <= at)) return
    clearTimeout(this.#next?.timer)
    const timer = setTimeout(
      () => {
        this.#next = undefined
        // A look that began before the news came may have missed them; it is followed by another.
        if (this.#isRunning) this.#lookIn(pass, this.#timings.quietMs)
        else this.#running = this.#look(pass)
      },
      Math.ceil(milliseconds) + EARLY_MS,
    )
    this.#next = { timer, at }
  }

  async #look(pass: Pass): Promise<void> {
    this.#isRunning = true
    this.#lastLookAt = performance.now()
    const nextInMs = await pass.run()
    this.#isRunning = false
    this.#lookIn(pass, nextInMs)
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted
  }

  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
  }
}
