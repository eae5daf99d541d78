/**
 * Why a signature does not count:
 *
 * - `malformed`: the bytes are no bundle that is understood here.
 * - `other-archive`: it is about other bytes.
 * - `untrusted`: nobody who is trusted made it, or it was changed afterwards.
 */
export type SignatureFault = 'malformed' | 'other-archive' | 'untrusted'

/** A signature that does not count; the message says why, in words that go on after "the signature …". */
export class SignatureRefused extends Error {
  override readonly name = 'SignatureRefused'
  readonly fault: SignatureFault

  constructor(fault: SignatureFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
