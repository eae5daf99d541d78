import type { Principal } from '../../access/principal.ts'

/** What the gate says of a request that it did not let in, and has answered already. */
export class Refused {
  /** Whose token it came with; undefined: no token that is known. */
  readonly sender: Principal | undefined

  constructor(sender?: Principal) {
    this.sender = sender
  }
}
