import { Activation, describeEntry } from './activation.ts'
import type { PullEvent } from './events.ts'
import type { PullFailure } from './failure.ts'
import type { FolderLock } from './install/folder-lock.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Entry } from './install/state.ts'
import { Installer } from './installer.ts'
import { DEFAULT_INTERVAL } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import { recoverInterruptedInstall } from './recover-interrupted-install.ts'
import { RejectedArchives } from './rejected-archives.ts'
import { SignatureGuard } from './signature-guard.ts'
import { Transfer } from './transfer.ts'

/** One puller at work on one folder: what it remembers between polls. Used while this process has the folder's lock. */
export class FolderPuller {
  readonly #folder: InstallFolder
  readonly #options: PullerOptions
  readonly #rejected: RejectedArchives
  readonly #activation: Activation
  readonly #guard: SignatureGuard
  readonly #installer: Installer
  readonly #isOnce: boolean
  /** Absent until what an earlier process left behind was looked at. */
  #transfer: Transfer | undefined
  #askedAt = -Infinity

  /** @param isOnce Whether it asks only until it has an answer. */
  constructor(folder: InstallFolder, lock: FolderLock, options: PullerOptions, isOnce: boolean) {
    const rejected = new RejectedArchives(folder, options)
    const activation = new Activation(folder, rejected, options)
    const guard = new SignatureGuard(folder, rejected, options)
    this.#folder = folder
    this.#options = options
    this.#rejected = rejected
    this.#activation = activation
    this.#guard = guard
    this.#installer = new Installer({ folder, lock, rejected, activation, guard }, options)
    this.#isOnce = isOnce
  }

  get dir(): string {
    return this.#folder.paths.dir
  }

  /** @see Transfer.received */
  get received(): number {
    return this.#transfer?.received ?? 0
  }

  /** Asks once, and installs what is offered. @throws PullFailure */
  async attempt(signal: AbortSignal): Promise<PullEvent> {
    const transfer = (this.#transfer ??= await this.#begin(signal))
    const postponed = await this.#activation.activatePending(signal)
    const interval = this.#options.interval ?? DEFAULT_INTERVAL
    // The command is run again often; the source is not asked more often for that.
    if (postponed !== undefined && performance.now() - this.#askedAt < interval) throw postponed
    await this.#folder.installedInPlace()
    this.#askedAt = performance.now()
    const answer = await this.#options.source.ask({
      claim: this.#guard.claim(),
      partial: transfer.partial(),
      isOnce: this.#isOnce,
      signal,
    })
    return this.#rejected.addTo(await this.#installer.follow(answer, { transfer, postponed, signal }))
  }

  /**
   * The event for a failure: `offline` where the source gave nothing and an archive is in place. It never rejects: a folder that
   * cannot be read is often what failed, and has no archive that anybody could use.
   */
  async failed({ kind, message }: PullFailure): Promise<PullEvent> {
    const entry = await this.#inPlace(kind).catch(() => undefined)
    const installed =
      entry === undefined || !this.#guard.isTrusted(entry) ? null : describeEntry(this.dir, entry)
    return this.#rejected.addTo(
      installed !== null && kind === 'source'
        ? { event: 'offline', message, ...installed }
        : { event: 'failed', kind, message, installed },
    )
  }

  /** The archive that is in place after a failure of this kind. */
  async #inPlace(kind: PullFailure['kind']): Promise<Entry | undefined> {
    if (kind === 'postponed') return this.#folder.pendingInPlace()
    return (await this.#folder.installedInPlace()) ?? (await this.#folder.pendingInPlace())
  }

  /** Closes the files; the source stays open. */
  async close(): Promise<void> {
    await this.#transfer?.leave()
  }

  async #begin(signal: AbortSignal): Promise<Transfer> {
    await recoverInterruptedInstall(this.#folder, this.#rejected, this.#options)
    await this.#guard.dropUntrustedPending()
    return Transfer.resume(this.#folder.paths.partial, this.#options, signal)
  }
}
