import { FolderPuller } from './folder-puller.ts'
import type { PullEvent } from './events.ts'
import { PullFailure, errorCode } from './failure.ts'
import { lockFolder } from './install/folder-lock.ts'
import type { FolderLock } from './install/folder-lock.ts'
import type { FolderPaths } from './install/folder-paths.ts'
import { folderPaths } from './install/folder-paths.ts'
import { InstallFolder } from './install/install-folder.ts'
import { makeFolder } from './install/make-folder.ts'
import { DEFAULT_INTERVAL } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import { giveUpOnSilence } from './sources/give-up-on-silence.ts'
import { withJitter } from './timing/back-off.ts'
import { DEFAULT_IDLE_TIMEOUT, nextAttempt } from './timing/next-attempt.ts'
import { pause } from './timing/pause.ts'

/**
 * Keeps a folder at what a source selects: atomic, verified, resumable, and with the last good archive in place
 * whatever happens to the source. `pull` and `watch` may be called again and again, until `close`.
 *
 * ```ts
 * const source = serverSource({ url: 'http://127.0.0.1:5080/models/shop@production' })
 * const puller = new Puller({ source, to: 'models' })
 * for await (const event of puller.watch({ signal })) console.log(event.event)
 * await puller.close()
 * ```
 */
export class Puller {
  readonly #options: PullerOptions

  constructor(options: PullerOptions) {
    this.#options = options
  }

  /**
   * Asks once; within that, again where it may help, until nothing new came for 30 s.
   *
   * @throws the signal's reason where it is aborted.
   */
  async pull({ signal = new AbortController().signal }: { signal?: AbortSignal } = {}): Promise<PullEvent> {
    for await (const event of this.#run(false, signal)) return event
    signal.throwIfAborted()
    throw new Error('a run ended without an outcome')
  }

  /**
   * Asks for ever, one event per poll or failed attempt. Ends, without an error, when `signal` is aborted, and
   * after a failure that trying again cannot mend (401, 403, a wrong configuration).
   */
  async *watch({
    signal = new AbortController().signal,
  }: { signal?: AbortSignal } = {}): AsyncGenerator<PullEvent> {
    try {
      yield* this.#run(this.#options.interval !== null, signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  /** Ends the source's connections. A later `pull` or `watch` may not work any more. */
  async close(): Promise<void> {
    await this.#options.source.close()
  }

  async *#run(forever: boolean, signal: AbortSignal): AsyncGenerator<PullEvent> {
    const { idleTimeout = DEFAULT_IDLE_TIMEOUT } = this.#options
    const paths = folderPaths(this.#options.to)
    const opened = await this.#open(paths, forever, signal)
    if (opened instanceof PullFailure) {
      const { kind, message } = opened
      yield { event: 'failed', kind, message, installed: null }
      return
    }
    const { folder, lock } = opened
    try {
      yield* this.#rounds(folder, forever, idleTimeout, signal)
    } finally {
      await folder.close()
      await lock.release()
    }
  }

  /** Takes the folder's lock and reads what is remembered of it. */
  async #open(
    paths: FolderPaths,
    forever: boolean,
    signal: AbortSignal,
  ): Promise<{ folder: FolderPuller; lock: FolderLock } | PullFailure> {
    const { idleTimeout = DEFAULT_IDLE_TIMEOUT } = this.#options
    let lock: FolderLock | undefined
    try {
      await makeFolder(paths.hidden)
      lock = await lockFolder(paths.lock, idleTimeout, signal)
      const folder = await InstallFolder.open(paths, this.#options)
      const source = giveUpOnSilence(this.#options.source, idleTimeout)
      return { folder: new FolderPuller(folder, lock, { ...this.#options, source }, !forever), lock }
    } catch (error) {
      await lock?.release()
      signal.throwIfAborted()
      return toPullFailure(error, paths.dir)
    }
  }

  async *#rounds(
    folder: FolderPuller,
    forever: boolean,
    idleTimeout: number,
    signal: AbortSignal,
  ): AsyncGenerator<PullEvent> {
    const { random = Math.random, onNotice } = this.#options
    const interval = this.#options.interval ?? DEFAULT_INTERVAL
    let [failures, unsound, quietSince] = [0, 0, performance.now()]
    for (;;) {
      signal.throwIfAborted()
      const before = folder.received
      let wait: number | 'stop'
      try {
        yield await folder.attempt(signal)
        failures = unsound = 0
        wait = forever ? withJitter(interval, random()) : 'stop'
      } catch (error) {
        signal.throwIfAborted()
        const failure = toPullFailure(error, folder.dir)
        const gained = folder.received - before
        if (gained > 0) quietSince = performance.now()
        // A server that sends a few bytes and breaks off, again and again, is asked with growing pauses all the same.
        failures = gained > PROMPT_RETRY_BYTES ? 0 : failures + 1
        unsound = failure.kind === 'unsound' ? unsound + 1 : 0
        const quiet = performance.now() - quietSince
        wait = nextAttempt({
          failure,
          failures,
          unsound,
          quiet,
          forever,
          interval,
          idleTimeout,
          random: random(),
        })
        if (forever || wait === 'stop') yield await folder.failed(failure)
        else onNotice?.({ code: 'attempt-failed', message: failure.message })
      }
      if (wait === 'stop') return
      await pause(wait, signal)
    }
  }
}

/** A broken transfer that brought so many bytes is taken up again at once. */
const PROMPT_RETRY_BYTES = 65_536

function toPullFailure(error: unknown, dir: string): PullFailure {
  if (error instanceof PullFailure) return error
  const code = errorCode(error)
  if (code === undefined || !(error instanceof Error)) throw error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PullFailure('disk', `the disk is full: ${dir} cannot take the archive`, {
      again: false,
      cause: error,
    })
  }
  return new PullFailure('disk', `${dir} cannot be used: ${error.message}`, { again: false, cause: error })
}
