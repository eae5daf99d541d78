import type { Quota } from '../../protocol/quota.ts'
import type { SignaturePolicy } from '../../protocol/signature.ts'
import type { Instant } from '../time/clock.ts'

/** A named line of releases. */
export interface Model {
  readonly model: string
  /** The tag that a pull without a tag means. */
  readonly defaultTag: string
  readonly createdAt: Instant
  /** The number that the next release gets; grows only, also when releases are deleted. */
  readonly nextNumber: number
  /** Grows with every change of the model, its releases or its tags. */
  readonly revision: number
  /** Whose signature a publish needs; null: none. */
  readonly signatures: SignaturePolicy | null
  /** How much it may have; null: nothing limits it. */
  readonly quota: Quota | null
}
