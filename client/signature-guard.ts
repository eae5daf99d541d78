import type { Signer } from '../signatures/trusted-signers.ts'
import { claimOf } from './claim.ts'
import { PullFailure } from './failure.ts'
import type { InstallFolder } from './install/install-folder.ts'
import type { Entry } from './install/state.ts'
import type { PullerOptions } from './puller-options.ts'
import type { RejectedArchives } from './rejected-archives.ts'
import type { ArchiveHead } from './sources/source.ts'

/** Keeps what nobody signed who is trusted out of a folder; lets everything in where no signature is asked for. */
export class SignatureGuard {
  readonly #folder: InstallFolder
  readonly #rejected: RejectedArchives
  readonly #options: Pick<PullerOptions, 'signature' | 'source'>

  constructor(
    folder: InstallFolder,
    rejected: RejectedArchives,
    options: Pick<PullerOptions, 'signature' | 'source'>,
  ) {
    this.#folder = folder
    this.#rejected = rejected
    this.#options = options
  }

  /** Whether an archive in the folder has the signature that is asked for, if one is. */
  isTrusted({ signer }: Entry): boolean {
    return this.#options.signature?.trusts(signer) ?? true
  }

  /** Takes out what came, and is not in use yet, when no signature was asked for, or another one. */
  async dropUntrustedPending(): Promise<void> {
    const { pending } = this.#folder.state
    if (pending !== undefined && !this.isTrusted(pending)) await this.#folder.putBack()
  }

  /** What to claim to have: what is installed and not trusted is nothing to build on, so that it is offered anew. */
  claim(): string {
    const { installed, process } = this.#folder.state
    const { key } = this.#options.source
    const isUsable = installed !== undefined && this.isTrusted(installed)
    return isUsable ? claimOf({ installed, process }, key) : claimOf({ process }, key)
  }

  /** @throws PullFailure where what is installed would have to do, and is not trusted. */
  requireTrusted(entry: Entry): void {
    if (this.isTrusted(entry)) return
    throw new PullFailure(
      'unsound',
      `${entry.filename} is installed without a signature that counts, and the source has nothing else for us`,
    )
  }

  /**
   * @param digest The SHA-256 of the archive in lower-case hex.
   * @returns who signed an archive; undefined where no signature is asked for.
   * @throws PullFailure where nobody did who is trusted.
   */
  async signerOf(head: ArchiveHead, digest: string, signal: AbortSignal): Promise<Signer | undefined> {
    return this.#options.signature?.check(this.#options.source, head, digest, signal)
  }

  /** As {@link signerOf}, for what is installed already. */
  async check(installed: Entry, head: ArchiveHead, signal: AbortSignal): Promise<void> {
    if (this.isTrusted(installed)) return
    const signer = await this.signerOf(head, installed.digest, signal)
    if (signer !== undefined) installed.signer = signer
  }

  /**
   * As {@link signerOf}, for an archive whose digest nobody announced, so that it had to be fetched first: one that nobody
   * signed is not fetched again for a while.
   */
  async signerOfReceived(
    head: ArchiveHead,
    digest: string,
    signal: AbortSignal,
  ): Promise<Signer | undefined> {
    try {
      return await this.signerOf(head, digest, signal)
    } catch (error) {
      if (error instanceof PullFailure && error.kind === 'unsound')
        await this.#rejected.add({ digest, etag: head.etag, reason: error.message, unsound: true })
      throw error
    }
  }
}
