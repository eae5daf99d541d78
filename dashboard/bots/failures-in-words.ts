import type { Bot } from '../../protocol/bot.ts'
import { count } from '../text/count.ts'

/** How often a bot failed: `3 failed loads, 1 failed transfer`. */
export function failuresInWords({
  loads,
  transfers,
  restarts,
}: Pick<NonNullable<Bot['failures']>, 'loads' | 'transfers' | 'restarts'>): string {
  return [
    loads === 0 ? '' : count(loads, 'failed load'),
    transfers === 0 ? '' : count(transfers, 'failed transfer'),
    restarts === 0 ? '' : count(restarts, 'restart while loading', 'restarts while loading'),
  ]
    .filter((text) => text !== '')
    .join(', ')
}
