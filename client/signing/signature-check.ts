import { SignatureRefused } from '../../signatures/signature-refused.ts'
import { describeSigners, isTrusted, type ReadSigner, type Signer } from '../../signatures/trusted-signers.ts'
import { shownText } from '../../protocol/shown-text.ts'
import { PullFailure } from '../failure.ts'
import type { ArchiveHead, Source } from '../sources/source.ts'

export interface SignatureCheckOptions {
  /** Whose signatures count. */
  signers: readonly ReadSigner[]
  /** By whose certificates identities are proved: the text of a trusted_root.json; undefined: by none. */
  trustedRoot?: string | undefined
  /** Reads the signature where the source does not bring it. */
  readBundle?: (() => Promise<Uint8Array>) | undefined
}

/** Sees to it that nothing is installed but what somebody who is trusted has signed. */
export class SignatureCheck {
  readonly #options: SignatureCheckOptions

  constructor(options: SignatureCheckOptions) {
    this.#options = options
  }

  /** Whether somebody's signature, checked when the archive was installed, counts by what is asked for now. */
  trusts(signer: Signer | undefined): boolean {
    return signer !== undefined && isTrusted(signer, this.#options.signers)
  }

  /**
   * Fetches the signature of an archive and checks it.
   *
   * @param digest The SHA-256 of the archive in lower-case hex.
   * @returns who signed it.
   * @throws PullFailure `unsound` where nobody who is trusted did, `source` where the signature cannot be fetched.
   */
  async check(source: Source, archive: ArchiveHead, digest: string, signal: AbortSignal): Promise<Signer> {
    const { signers, readBundle } = this.#options
    const bundle = await (readBundle?.() ?? source.readBundle?.(archive, signal))
    const name = archive.release === undefined ? archive.filename : `release ${archive.release}`
    if (bundle === undefined) {
      throw new PullFailure(
        'unsound',
        `${name} is not signed, or the source has no signature of it; expected one by ${describeSigners(signers)}`,
      )
    }
    try {
      return await this.#verify(bundle, digest)
    } catch (error) {
      if (!(error instanceof SignatureRefused)) throw error
      throw new PullFailure('unsound', `the signature of ${name} ${shownText(error.message)}`, {
        again: false,
        cause: error,
      })
    }
  }

  async #verify(bundle: Uint8Array, digest: string): Promise<Signer> {
    const { signers, trustedRoot } = this.#options
    const { verifySignature } = await import('../../signatures/verify-signature.ts')
    const roots =
      trustedRoot === undefined
        ? []
        : (await import('../../signatures/trusted-root.ts')).readTrustedRoots(trustedRoot)
    return verifySignature(bundle, digest, { signers, roots }).signer
  }
}
