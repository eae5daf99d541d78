import type { IncomingMessage } from 'node:http'
import type { Principal } from '../../access/principal.ts'

const senders = new WeakMap<IncomingMessage, Principal>()

/** Remembers who sent a request, also where it was refused. Not for polls: that would cost them more than their look-ups. */
export function keepSender(request: IncomingMessage, principal: Principal): void {
  senders.set(request, principal)
}

/** Who sent a request, as far as {@link keepSender} was told. */
export function senderOf(request: IncomingMessage): Principal | undefined {
  return senders.get(request)
}
