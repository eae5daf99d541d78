/** The local disk did not take a copy; the blob itself may be read elsewhere. */
export class CacheFailed extends Error {
  override readonly name = 'CacheFailed'
}
