import { DomainError } from '../errors/errors.ts'

/** Leases of servers that share a catalog; inside a write. Times are those of the catalog itself, whatever the servers' clocks show. */
export interface LeaseWriter {
  /**
   * Takes a lease, where it is free or has ended, or holds it on, where it is ours.
   *
   * @returns Its epoch, which grows whenever it is taken; undefined where another holder has it.
   */
  holdLease(name: string, holder: LeaseHolder, milliseconds: number): Promise<number | undefined>
  /**
   * Makes sure that nobody has taken the lease since a holder took it with that epoch, nor can until this write has ended. A database that lost
   * that, and to which servers were failed over, gives the same epoch to another holder.
   *
   * @throws LeaseTaken
   */
  requireLease(name: string, holder: string, epoch: number): Promise<void>
  /** Lets others have the lease at once, where it is still the one that this holder took with that epoch. */
  giveUpLease(name: string, holder: string, epoch: number): Promise<void>
}

/** Who asks for a lease. */
export interface LeaseHolder {
  /** Drawn at the start of a server. */
  readonly holder: string
  /** The same for two holders only where one of them has ended: what that one has is taken at once. Empty: none such is known of. */
  readonly place: string
  /** For people: the host name. */
  readonly host: string
}

/** Somebody else has a lease that a write was to be made under; the code is `catalog-unavailable`. */
export class LeaseTaken extends DomainError {
  constructor() {
    super(
      'catalog-unavailable',
      'Another server does this since this one did not answer for a while. Nothing was changed; the other one goes on with it.',
    )
  }
}

/** The lease of the server that does what one does for all. Its holder is the server's id. */
export const HOUSEKEEPER_LEASE = 'housekeeper'
