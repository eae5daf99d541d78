import type { Grant } from '../../protocol/grant.ts'
import { nameSome } from '../../protocol/name-some.ts'
import { DomainError } from '../errors/errors.ts'
import type { OpenAccess } from './open-access.ts'

/** Bots that poll without a token of their own. */
export interface BotsWithoutToken {
  readonly count: number
  /** Some of them, as people know them: `berlin-1 of shop`. */
  readonly names: readonly string[]
}

/** What the first tokens end, and whom that concerns. */
export interface FirstTokenDependencies {
  readonly open: Pick<OpenAccess, 'changes' | 'pullsCloseWithToken'>
  readonly findBotsWithoutToken: () => BotsWithoutToken
}

/**
 * Refuses a token that would shut somebody out whom nobody thought of: with the first token everything but pulls asks for one,
 * and with the first that allows pulls these do, too.
 *
 * @param request `closesPulls`: whoever makes it says that bots without a token shall be refused.
 * @throws DomainError `first-token-not-admin`, `pulls-would-close`
 */
export function refuseUnforeseen(
  { open, findBotsWithoutToken }: FirstTokenDependencies,
  { allow, closesPulls }: { allow: readonly Grant[]; closesPulls: boolean },
): void {
  if (open.changes && !allow.some(({ permission }) => permission === 'admin')) throw notAdmin()
  const isForBots = allow.some(({ permission }) => permission === 'pull')
  if (isForBots && open.pullsCloseWithToken && !closesPulls) throw wouldClosePulls(findBotsWithoutToken())
}

function notAdmin(): DomainError {
  return new DomainError(
    'first-token-not-admin',
    'This server asks for no token yet. With its first one it asks everybody for a token who does more than pull, and this ' +
      'one would not allow admin: nobody could make another. Make one for whoever looks after the server first (slipway ' +
      'token create NAME --allow admin), set SLIPWAY_TOKEN to it, and make this one then.',
  )
}

function wouldClosePulls({ count, names }: BotsWithoutToken): DomainError {
  return new DomainError(
    'pulls-would-close',
    'Pulls need no token yet. With the first one that allows pull, every bot without a token is refused (401): it goes on with ' +
      `the model that it runs, and gets none when it starts. ${describeBots(count, names)} If that shall be so, say it: ` +
      '--closes-pulls, or "closesPulls": true in the request. To change over without refusing any: start the server with ' +
      'SLIPWAY_ANONYMOUS=pull, give each bot its token, and start it without.',
    { bots: count },
  )
}

function describeBots(count: number, names: readonly string[]): string {
  if (count === 0) return 'The server knows no bot that polls without one now.'
  return `${count === 1 ? '1 known bot polls' : `${count} known bots poll`} without one now: ${nameSome(names, count)}.`
}
