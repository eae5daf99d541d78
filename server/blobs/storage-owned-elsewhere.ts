import type { LeaseState } from './lease-record.ts'

/** This process does not own the folder of the bucket: it writes and deletes nothing there. */
export class StorageOwnedElsewhere extends Error {
  override readonly name = 'StorageOwnedElsewhere'
  readonly state: LeaseState

  constructor(state: LeaseState) {
    super(SENTENCES[state])
    this.state = state
  }
}

const SENTENCES: Readonly<Record<LeaseState, string>> = {
  waiting:
    'Another server may still own the bucket; whether it does is known within a minute. Try again then.',
  held: 'The lease on the bucket could not be renewed in time. Try again when the bucket answers.',
  elsewhere: 'Another running server owns the bucket: this one changes nothing. Stop one of the two.',
  lost: 'Another server took the bucket over: this one changes nothing any more. Stop one of the two, then restart this one.',
  foreign: 'The folder of the bucket belongs to another catalog: this server changes nothing in it.',
  released: 'The server is shutting down.',
}
