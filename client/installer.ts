import { describeEntry, type Activation } from './activation.ts'
import type { Notice, PullEvent } from './events.ts'
import type { Signer } from '../signatures/trusted-signers.ts'
import { PullFailure } from './failure.ts'
import type { Arrived } from './install/check-download.ts'
import type { FolderLock } from './install/folder-lock.ts'
import { takeLocalCopy } from './install/take-local-copy.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Entry } from './install/state.ts'
import type { PullerOptions } from './puller-options.ts'
import type { RejectedArchives } from './rejected-archives.ts'
import { checkDirection } from './release-direction.ts'
import type { SignatureGuard } from './signature-guard.ts'
import type { Answer, ArchiveHead, Offer } from './sources/source.ts'
import type { Transfer } from './transfer.ts'

/** What an {@link Installer} works with: all of one folder. */
export interface InstallerParts {
  folder: InstallFolder
  lock: FolderLock
  rejected: RejectedArchives
  activation: Activation
  guard: SignatureGuard
}

/** What an answer is followed with. */
export interface Round {
  transfer: Transfer
  /** Why the pending archive is still pending; undefined where nothing is. */
  postponed: PullFailure | undefined
  signal: AbortSignal
}

/** Does in a folder what the answers of a source say: installs what is offered, or keeps what is there. */
export class Installer {
  readonly #folder: InstallFolder
  readonly #lock: FolderLock
  readonly #options: PullerOptions
  readonly #rejected: RejectedArchives
  readonly #activation: Activation
  readonly #guard: SignatureGuard
  #hasReportedIgnoredCondition = false

  constructor({ folder, lock, rejected, activation, guard }: InstallerParts, options: PullerOptions) {
    this.#folder = folder
    this.#lock = lock
    this.#options = options
    this.#rejected = rejected
    this.#activation = activation
    this.#guard = guard
  }

  /** Does what an answer says. @throws PullFailure */
  async follow(answer: Answer, { transfer, postponed, signal }: Round): Promise<PullEvent> {
    switch (answer.kind) {
      case 'unchanged': {
        const installed = await this.#folder.installedInPlace()
        if (installed === undefined)
          throw postponed ?? nothingInstalled('the server answered 304 (unchanged)')
        if (postponed !== undefined && this.#folder.state.pending?.digest === installed.digest)
          throw postponed
        return this.#unchanged(installed, signal)
      }
      case 'keep':
        if (postponed !== undefined) throw postponed
        return this.#unchanged(
          (await this.#folder.installedInPlace()) ??
            fail(nothingInstalled('the server has nothing for us now (204)')),
          signal,
        )
      case 'complete':
        return this.#finish(transfer, {
          ...(await this.#rejected.rememberUnsound(() => transfer.check())),
          signal,
        })
      case 'offer': {
        const { pending } = this.#folder.state
        if (postponed !== undefined && pending !== undefined && this.#isSame(answer.offer, pending)) {
          await answer.offer.cancel()
          throw postponed
        }
        return this.#take(transfer, answer.offer, signal)
      }
    }
  }

  async #take(transfer: Transfer, offer: Offer, signal: AbortSignal): Promise<PullEvent> {
    const here = await this.#decideWithoutBytes(offer, signal)
    if ('event' in here) return here
    const { signer, file } = here
    if (file === undefined) {
      const arrived = await this.#rejected.rememberUnsound(() => transfer.receive(offer, signal))
      return this.#finish(transfer, { arrived, head: offer, signer, signal })
    }
    const { inspect = true } = this.#options
    const arrived = await takeLocalCopy(this.#folder, file, { digest: offer.digest, inspect, signal })
    return this.#finish(transfer, { arrived, head: offer, signer, signal })
  }

  /** What the headers of an offer settle alone: its outcome; or who signed it, and a file here that has its bytes. */
  async #decideWithoutBytes(offer: Offer, signal: AbortSignal): Promise<PullEvent | Wanted> {
    let wanted = false
    try {
      const installed = await this.#folder.installedInPlace()
      if (installed !== undefined && this.#isSame(offer, installed))
        return await this.#keepInstalled(installed, offer, signal)
      const refusal = this.#rejected.find(offer)
      if (refusal !== undefined) this.#rejected.throwAlreadyRejected(refusal)
      const notice = checkDirection(installed, offer, this.#options)
      if (notice !== undefined) this.#notice('model-went-back', notice)
      const { digest, size } = offer
      if (digest === undefined) {
        wanted = true
        return { signer: undefined, file: undefined }
      }
      // Before its first byte: what nobody signed need not come.
      const signer = await this.#guard.signerOf(offer, digest, signal)
      const file = await this.#folder.findByDigest(digest, size)
      wanted = file === undefined
      return { signer, file }
    } finally {
      if (!wanted) await offer.cancel()
    }
  }

  /** Installs what was received and checked. */
  async #finish(transfer: Transfer, { arrived, head, signer: known, signal }: Checked): Promise<PullEvent> {
    const installed = await this.#folder.installedInPlace()
    const refusal = this.#rejected.find({ digest: arrived.digest })
    // Without a digest in the headers, only the whole body tells that nothing is new.
    if (installed?.digest === arrived.digest || refusal !== undefined) {
      await transfer.drop()
      if (refusal !== undefined) this.#rejected.throwAlreadyRejected(refusal)
      if (installed !== undefined) return this.#keepInstalled(installed, head, signal)
    }
    const signer = known ?? (await this.#guard.signerOfReceived(head, arrived.digest, signal))
    await transfer.complete()
    if (!(await this.#lock.isHeld())) throw lockTakenOver(this.#folder.paths.dir)
    const entry = await this.#folder.place(arrived, head, this.#options.source.key, signer)
    await transfer.drop()
    await this.#activation.activate(entry, signal)
    return { event: 'installed', ...describeEntry(this.#folder.paths.dir, entry) }
  }

  async #keepInstalled(installed: Entry, head: ArchiveHead, signal: AbortSignal): Promise<PullEvent> {
    const { key } = this.#options.source
    const wasClaimed =
      installed.source === key && installed.etag !== undefined && this.#guard.isTrusted(installed)
    if (wasClaimed && !this.#hasReportedIgnoredCondition) {
      this.#hasReportedIgnoredCondition = true
      this.#notice(
        'condition-ignored',
        'the server sends the archive that is installed already: something on the way drops If-None-Match, or the server ignores it',
      )
    }
    await this.#guard.check(installed, head, signal)
    Object.assign(installed, { etag: head.etag, release: head.release ?? installed.release, source: key })
    await this.#folder.save()
    return this.#unchanged(installed, signal)
  }

  /** What is installed is what the source selects; so an archive that is pending is not wanted any more. */
  async #unchanged(entry: Entry, signal: AbortSignal): Promise<PullEvent> {
    this.#guard.requireTrusted(entry)
    const { pending } = this.#folder.state
    if (pending !== undefined && pending.digest !== entry.digest)
      await this.#activation.withdraw(pending, signal)
    await this.#folder.keepNewest()
    return { event: 'unchanged', ...describeEntry(this.#folder.paths.dir, entry) }
  }

  #isSame(offer: ArchiveHead, entry: Entry): boolean {
    if (offer.digest !== undefined) return offer.digest === entry.digest
    return offer.etag !== undefined && offer.etag === entry.etag && entry.source === this.#options.source.key
  }

  #notice(code: Notice['code'], message: string): void {
    this.#options.onNotice?.({ code, message })
  }
}

/** An archive that shall be installed. */
interface Wanted {
  /** Who signed it; undefined where that is not asked for, or not known yet. */
  signer: Signer | undefined
  /** A file in the folder that has its bytes. */
  file: string | undefined
}

/** What was received and found sound. */
interface Checked {
  arrived: Arrived
  head: ArchiveHead
  signer?: Signer | undefined
  signal: AbortSignal
}

function nothingInstalled(what: string): PullFailure {
  return new PullFailure('source', `${what}, but nothing is installed here`)
}

function fail(failure: PullFailure): never {
  throw failure
}

function lockTakenOver(dir: string): PullFailure {
  return new PullFailure('disk', `another puller took ${dir} over while this one slept`, {
    again: false,
    final: true,
  })
}
