import type { IncomingMessage } from 'node:http'
import type { Claim } from '../../../protocol/claim.ts'
import { formatArchiveTag } from '../../../protocol/entity-tag.ts'
import { POLL_FIELD, POLLS_ONCE } from '../../../protocol/poll-field.ts'
import type { Principal } from '../../access/principal.ts'
import type { Poller } from '../../rollouts/poll-answer.ts'
import type { Hint } from '../../fleet/hint.ts'
import type { Source } from '../../fleet/process-record.ts'
import { clientAddress } from '../access/client-address.ts'
import { readQuery } from '../access/request-query.ts'
import { readIfNoneMatch, type IfNoneMatch } from './if-none-match.ts'

const UNKNOWN: Claim = { kind: 'unknown' }

/** A request for an archive, and what it says of its sender. */
export class Poll implements Poller {
  readonly method: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly ifNoneMatch: IfNoneMatch | undefined
  readonly claim: Claim
  readonly #request: IncomingMessage
  readonly #principal: Principal

  /** @param track Whether processes are told apart (SLIPWAY_TRACK). */
  constructor(request: IncomingMessage, track: boolean, principal: Principal) {
    this.#principal = principal
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

  /** The entity tag of an archive for whoever asks; that of the one that it runs is put together once. */
  entityTagOf(digest: string): string {
    const { claim } = this
    const known =
      claim.kind === 'running' && claim.digest === digest ? this.ifNoneMatch?.entityTag : undefined
    return known ?? formatArchiveTag({ digest, process: this.process })
  }

  /** HEAD, requests for a part, conditions that Rasa never sends and a puller that asks once are no polls. */
  get isPoll(): boolean {
    const { headers } = this
    return (
      this.method === 'GET' &&
      headers.range === undefined &&
      headers['if-match'] === undefined &&
      headers[POLL_FIELD] !== POLLS_ONCE
    )
  }

  get hints(): readonly Hint[] {
    return this.ifNoneMatch?.hints ?? []
  }

  /** The name of the token that came with it; undefined: none of its own. */
  get token(): string | undefined {
    return this.#principal.token
  }

  get source(): Source {
    return {
      instance: this.instance ?? null,
      token: this.token ?? null,
      address: clientAddress(this.#request),
    }
  }

  get instance(): string | undefined {
    return readQuery(this.#request.url ?? '').instance ?? undefined
  }
}
