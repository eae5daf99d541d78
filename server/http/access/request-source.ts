import type { IncomingMessage } from 'node:http'
import { addressGroup } from '../../fleet/address-group.ts'
import { clientAddress } from './client-address.ts'
import type { Source } from './guess-limit.ts'

/**
 * Where a request comes from, asked when it is needed: nearly all tokens are right, and nearly all addresses have guessed nothing. A class,
 * as each poll makes one: an object literal with getters takes Node ten times as long (measured, Node 24.21).
 */
export class RequestSource implements Source {
  readonly #request: IncomingMessage
  readonly #trustsProxy: boolean

  /** @param trustsProxy Whether the addresses of clients behind proxies are known (SLIPWAY_TRUST_PROXY). */
  constructor(request: IncomingMessage, trustsProxy: boolean) {
    this.#request = request
    this.#trustsProxy = trustsProxy
  }

  get address(): string {
    return addressGroup(clientAddress(this.#request))
  }

  get isShared(): boolean {
    return !this.#trustsProxy && isFromProxy(this.#request)
  }
}

function isFromProxy({ headers }: IncomingMessage): boolean {
  return (
    headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined
  )
}
