import path from 'node:path'
import type { InstalledArchive } from './events.ts'
import { PullFailure } from './failure.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Verdict } from './install/shell-command.ts'
import type { Entry } from './install/state.ts'
import { DEFAULT_KEEP } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import type { RejectedArchives } from './rejected-archives.ts'

/** An entry of a folder as events and the command show it. */
export function describeEntry(dir: string, { filename, digest, release, etag }: Entry): InstalledArchive {
  return { path: path.join(dir, filename), digest, release: release ?? null, etag: etag ?? null }
}

/** Has archives that lie in the folder tried by `onChange`; acknowledges them, or takes them out again. */
export class Activation {
  readonly #folder: InstallFolder
  readonly #rejected: RejectedArchives
  readonly #options: PullerOptions

  constructor(folder: InstallFolder, rejected: RejectedArchives, options: PullerOptions) {
    this.#folder = folder
    this.#rejected = rejected
    this.#options = options
  }

  /**
   * Has the pending archive tried.
   *
   * @throws PullFailure where it is not in use afterwards: `postponed` (it stays in place, and is tried again),
   *   `refused` (the archive before is back in place) or `configuration` (as well).
   */
  async activate(entry: Entry, signal: AbortSignal): Promise<void> {
    const verdict = await this.#ask(entry, signal)
    switch (verdict.kind) {
      case 'accepted':
        await this.#folder.acknowledge(this.#options.keep ?? DEFAULT_KEEP)
        return
      case 'postponed':
        await this.#folder.postpone()
        throw new PullFailure(
          'postponed',
          `${entry.filename} is installed, but the command has not accepted it yet: ${verdict.reason}`,
          { again: true },
        )
      case 'not-run':
        await this.#folder.putBack()
        throw new PullFailure(
          'configuration',
          `${entry.filename} was removed again: ${verdict.reason}`,
          // Each further attempt would fetch the archive once more, to no avail.
          { again: false, final: true },
        )
      case 'refused':
        return this.#reject(entry, verdict.reason, signal)
    }
  }

  /** Has a pending archive tried again. @returns why it is still pending; undefined where nothing is. */
  async activatePending(signal: AbortSignal): Promise<PullFailure | undefined> {
    const { pending } = this.#folder.state
    if (pending === undefined) return undefined
    if ((await this.#folder.locate(pending)) === undefined) {
      await this.#folder.dropPending()
      return undefined
    }
    try {
      await this.activate(pending, signal)
      return undefined
    } catch (error) {
      if (error instanceof PullFailure && error.kind === 'postponed') return error
      throw error
    }
  }

  /** Takes the pending archive out again, and has a bot that may have started with it take the one before. */
  async withdraw(pending: Entry, signal: AbortSignal): Promise<void> {
    await this.#folder.putBack()
    if (pending.postponed !== true) return
    const back = await this.#folder.makeInstalledPending()
    if (back !== undefined) await this.activate(back, signal)
  }

  async #ask(entry: Entry, signal: AbortSignal): Promise<Verdict> {
    const archive = describeEntry(this.#folder.paths.dir, entry)
    return (await this.#options.onChange?.(archive, signal)) ?? { kind: 'accepted' }
  }

  async #reject(entry: Entry, reason: string, signal: AbortSignal): Promise<void> {
    if (entry.digest === this.#folder.state.installed?.digest) {
      // It was in use before, so the command fails for another reason: what works stays.
      await this.#folder.dropPending()
      const message = `${entry.filename}, the archive before, was put back and stays in place, although ${reason}`
      this.#options.onNotice?.({ code: 'restored-archive-refused', message })
      return
    }
    const { digest, etag } = entry
    await this.#rejected.add({ digest, etag, reason })
    await this.withdraw(entry, signal).catch((error: unknown) => {
      // The archive that is back is pending then; the refusal is what there is to say now.
      if (!(error instanceof PullFailure)) throw error
    })
    throw new PullFailure('refused', `${entry.filename} was removed again: ${reason}`)
  }
}
