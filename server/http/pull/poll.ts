import type { IncomingMessage } from 'node:http'
import type { Claim } from '../../../protocol/claim.ts'
import type { Poller } from '../../releases/selection.ts'
import { clientAddress } from '../access/client-address.ts'
import { readIfNoneMatch, type IfNoneMatch } from './if-none-match.ts'

const UNKNOWN: Claim = { kind: 'unknown' }
/** No control and no format characters: the name goes into logs and onto terminals. */
const INSTANCE = /^[^\p{C}\p{Zl}\p{Zp}]{1,128}$/u

/** A request for an archive, and what it says of its sender. */
export class Poll implements Poller {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly ifNoneMatch: IfNoneMatch | undefined
  readonly claim: Claim
  readonly #request: IncomingMessage

  /** @param track Whether processes are told apart (SLIPWAY_TRACK). */
  constructor(request: IncomingMessage, track: boolean) {
    const value = request.headers['if-none-match']
    this.#request = request
    this.method = request.method
    this.headers = request.headers
    this.ifNoneMatch = value === undefined ? undefined : readIfNoneMatch(value)
    this.claim = track && this.ifNoneMatch !== undefined ? this.ifNoneMatch.claim : UNKNOWN
  }

  /** The name of the process; undefined where the sender claims to be none. */
  get process(): string | undefined {
    return this.claim.kind === 'unknown' ? undefined : this.claim.process
  }

  get instance(): string | undefined {
    const { url = '' } = this.#request
    const query = url.indexOf('?')
    if (query === -1) return undefined
    const name = new URLSearchParams(url.slice(query + 1)).get('instance')
    return name !== null && INSTANCE.test(name) ? name : undefined
  }

  get address(): string {
    return clientAddress(this.#request)
  }
}
