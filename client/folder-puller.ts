import { stat } from 'node:fs/promises'
import path from 'node:path'
import type { InstalledArchive, Notice, PullEvent } from './events.ts'
import { PullFailure } from './failure.ts'
import type { FolderLock } from './install/folder-lock.ts'
import { hashFile } from './install/hash-file.ts'
import { REBUILT } from './install/load-state.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Arrived } from './install/check-download.ts'
import type { Entry } from './install/state.ts'
import { DEFAULT_KEEP } from './puller-options.ts'
import type { PullerOptions } from './puller-options.ts'
import type { ArchiveHead, Offer } from './sources/source.ts'
import { Transfer } from './transfer.ts'

/** One puller at work on one folder: what it remembers between polls. Used while the folder's lock is held. */
export class FolderPuller {
  readonly #folder: InstallFolder
  readonly #lock: FolderLock
  readonly #options: PullerOptions
  /** Absent until what an earlier process left behind was looked at. */
  #transfer: Transfer | undefined
  #saidIgnored = false
  #saidRefused = new Set<string>()

  constructor(folder: InstallFolder, lock: FolderLock, options: PullerOptions) {
    this.#folder = folder
    this.#lock = lock
    this.#options = options
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
    const transfer = (this.#transfer ??= await this.#settleThePast(signal))
    await this.#folder.installedInPlace()
    const answer = await this.#options.source.ask({
      claim: this.#claim(),
      partial: transfer.partial(),
      signal,
    })
    switch (answer.kind) {
      case 'unchanged':
        return this.#unchanged(
          await this.#inPlace('the server answered 304 (unchanged), but nothing is installed here'),
        )
      case 'held':
        return this.#unchanged(
          await this.#inPlace('the server has nothing for us now (204), and nothing is installed here'),
        )
      case 'complete':
        return this.#finish(transfer, { ...(await transfer.check(signal)), signal })
      case 'offer':
        return this.#take(transfer, answer.offer, signal)
    }
  }

  /** The event for a failure: `offline` where the source gave nothing and an archive is in place. */
  async failed({ kind, message }: PullFailure): Promise<PullEvent> {
    const installed = await this.#folder.installedInPlace()
    const known = installed === undefined ? null : this.#describe(installed)
    return known !== null && kind === 'source'
      ? { event: 'offline', message, ...known }
      : { event: 'failed', kind, message, installed: known }
  }

  async close(): Promise<void> {
    await this.#transfer?.leave()
    await this.#options.source.close()
  }

  /** Finishes what a process before us began, and looks whether what is remembered is still there. */
  async #settleThePast(signal: AbortSignal): Promise<Transfer> {
    const folder = this.#folder
    if (this.#options.retryRefused === true) folder.state.refused = []
    const { pending } = folder.state
    if (pending !== undefined) await this.#settlePending(pending, signal)
    const { installed } = folder.state
    if (installed?.source === REBUILT) {
      this.#notice(
        'state-rebuilt',
        `what was remembered of ${this.dir} was lost; ${installed.filename} is taken for installed`,
      )
      installed.source = this.#options.source.key
    }
    return Transfer.resume(folder.paths.partial, this.#options, signal)
  }

  async #settlePending(pending: Entry, signal: AbortSignal): Promise<void> {
    const there = await this.#folder.locate(pending)
    if (there === undefined) return this.#folder.dropPending()
    if (this.#refusal(pending.digest, undefined) !== undefined) return this.#folder.putBack()
    await this.#tryOut(pending, signal)
  }

  /** Rasa's own protocol: its name until it has an archive, then that archive's tag, byte for byte. */
  #claim(): string {
    const { installed, process } = this.#folder.state
    if (installed?.source !== this.#options.source.key) return process
    return installed.etag ?? `"${installed.digest}"`
  }

  async #take(transfer: Transfer, offer: Offer, signal: AbortSignal): Promise<PullEvent> {
    const here = await this.#decideWithoutBytes(offer)
    if (here === undefined) {
      return this.#finish(transfer, { arrived: await transfer.receive(offer, signal), head: offer, signal })
    }
    if (typeof here === 'object') return here
    // The bytes are here already, kept from before: they take the same road as if they had come.
    const copy = await this.#folder.copyIn(here)
    const arrived = { file: copy, bytes: (await stat(copy)).size, digest: await hashFile(copy, signal) }
    if (arrived.digest !== offer.digest) {
      throw new PullFailure('disk', `${here} changed while it was copied`, { again: true })
    }
    return this.#finish(transfer, { arrived, head: offer, signal })
  }

  /** What the headers of an offer settle alone: its outcome, or a file that has its bytes; undefined: neither. */
  async #decideWithoutBytes(offer: Offer): Promise<PullEvent | string | undefined> {
    let wanted = false
    try {
      const installed = await this.#folder.installedInPlace()
      if (installed !== undefined && this.#isSame(offer, installed))
        return await this.#sameAgain(installed, offer)
      const refusal = this.#refusal(offer.digest, offer.etag)
      if (refusal !== undefined) this.#stayRefused(refusal)
      this.#checkDirection(offer)
      const { digest, size } = offer
      const here = digest === undefined ? undefined : await this.#folder.findByDigest(digest, size)
      wanted = here === undefined
      return here
    } finally {
      if (!wanted) await offer.cancel()
    }
  }

  /** Installs what was received and checked. */
  async #finish(transfer: Transfer, { arrived, head, signal }: Checked): Promise<PullEvent> {
    const installed = await this.#folder.installedInPlace()
    const refusal = this.#refusal(arrived.digest, undefined)
    // Without a digest in the headers, only the whole body tells that nothing is new.
    if (installed?.digest === arrived.digest || refusal !== undefined) {
      await transfer.drop()
      if (refusal !== undefined) this.#stayRefused(refusal)
      if (installed !== undefined) return this.#sameAgain(installed, head)
    }
    await transfer.complete()
    if (!(await this.#lock.isHeld())) throw takenOver(this.dir)
    const entry = await this.#folder.place(arrived, head, this.#options.source.key)
    await transfer.drop()
    await this.#tryOut(entry, signal)
    return { event: 'installed', ...this.#describe(entry) }
  }

  /** Has an archive in place tried; acknowledges it, or takes it out again. */
  async #tryOut(entry: Entry, signal: AbortSignal): Promise<void> {
    const { onChange, keep = DEFAULT_KEEP } = this.#options
    const verdict = (await onChange?.(this.#describe(entry), signal)) ?? { kind: 'accepted' as const }
    if (verdict.kind === 'accepted') {
      await this.#folder.acknowledge(keep)
      return
    }
    const { digest, etag } = entry
    if (verdict.kind === 'refused') await this.#folder.refuse({ digest, etag, reason: verdict.reason })
    await this.#folder.putBack()
    throw new PullFailure(
      verdict.kind === 'refused' ? 'unsound' : 'configuration',
      `${entry.filename} was taken out again: ${verdict.reason}`,
    )
  }

  #stayRefused({ digest, reason }: { digest: string; reason: string }): never {
    const again = this.#saidRefused.has(digest) ? 'still ' : ''
    this.#saidRefused.add(digest)
    throw new PullFailure(
      'unsound',
      `the source ${again}offers ${digest.slice(0, 12)}, which was refused here (${reason}) and is not fetched again. ` +
        'Publish or promote another release, or use --retry-refused',
    )
  }

  #refusal(
    digest: string | undefined,
    etag: string | undefined,
  ): { digest: string; reason: string } | undefined {
    return this.#folder.state.refused.find(
      (each) => each.digest === digest || (digest === undefined && etag !== undefined && each.etag === etag),
    )
  }

  /** A model that goes back is a rollback, or a server that was restored: alike on the wire. */
  #checkDirection({ release }: ArchiveHead): void {
    const { installed } = this.#folder.state
    if (installed?.release === undefined || release === undefined || release >= installed.release) return
    if (installed.source !== this.#options.source.key) return
    const what = `the model goes back, from release ${installed.release} to ${release}`
    if (this.#options.allowRollback === false) {
      throw new PullFailure('source', `${what}, which --no-rollback forbids`)
    }
    this.#notice('model-went-back', what)
  }

  async #sameAgain(installed: Entry, head: ArchiveHead): Promise<PullEvent> {
    const { key } = this.#options.source
    if (installed.source === key && installed.etag !== undefined && !this.#saidIgnored) {
      this.#saidIgnored = true
      this.#notice(
        'condition-ignored',
        'the server sends the archive that is installed already: something on the way drops If-None-Match, or the server ignores it',
      )
    }
    Object.assign(installed, { etag: head.etag, release: head.release ?? installed.release, source: key })
    await this.#folder.save()
    return this.#unchanged(installed)
  }

  async #unchanged(entry: Entry): Promise<PullEvent> {
    await this.#folder.keepNewest()
    return { event: 'unchanged', ...this.#describe(entry) }
  }

  async #inPlace(otherwise: string): Promise<Entry> {
    const installed = await this.#folder.installedInPlace()
    if (installed === undefined) throw new PullFailure('source', otherwise)
    return installed
  }

  #isSame(offer: ArchiveHead, installed: Entry): boolean {
    if (offer.digest !== undefined) return offer.digest === installed.digest
    return (
      offer.etag !== undefined &&
      offer.etag === installed.etag &&
      installed.source === this.#options.source.key
    )
  }

  #describe({ filename, digest, release, etag }: Entry): InstalledArchive {
    return { path: path.join(this.dir, filename), digest, release: release ?? null, etag: etag ?? null }
  }

  #notice(code: Notice['code'], message: string): void {
    this.#options.onNotice?.({ code, message })
  }
}

/** What was received and found sound. */
interface Checked {
  arrived: Arrived
  head: ArchiveHead
  signal: AbortSignal
}

function takenOver(dir: string): PullFailure {
  return new PullFailure('disk', `another puller took ${dir} over while this one slept`, {
    again: false,
    final: true,
  })
}
