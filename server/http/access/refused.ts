import type { Principal } from '../../access/principal.ts'

/** The gate let a request not in, and has answered it so. */
export class Refused {
  /** Whose token came with it; undefined: nobody's who is known. */
  readonly sender: Principal | undefined

  constructor(sender?: Principal) {
    this.sender = sender
  }
}
