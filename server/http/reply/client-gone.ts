/** Nobody waits for the answer any more: what was done for it alone has ended, and nothing is wrong. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'

  constructor() {
    super('The client has gone')
  }
}
