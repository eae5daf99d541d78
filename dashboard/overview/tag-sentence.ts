import type { TagOverview } from '../../protocol/overview.ts'
import { count } from '../text/count.ts'

/** The other states in the order in which they are told. */
const OTHERS = ['loading', 'draining', 'waiting', 'starting', 'failing', 'lost'] as const

/** How the bots of a tag are: `41 of 43 run it, 1 loading, 1 failing: transfer cut`. */
export function tagSentence({ bots, failing }: Pick<TagOverview, 'bots' | 'failing'>): string {
  if (bots.all === 0) return 'no bot polls it'
  const first =
    bots.updated === bots.all
      ? bots.all === 1
        ? 'its 1 bot runs it'
        : `all ${count(bots.all, 'bot')} run it`
      : `${bots.updated} of ${bots.all} run it`
  const others = OTHERS.flatMap((state) => {
    const number = bots.states[state] ?? 0
    if (number === 0) return []
    const reason = state === 'failing' ? shortReason(failing) : ''
    return [`${number} ${state}${reason}`]
  })
  const behind = behindSentence(bots)
  return [first, ...others, ...(behind === '' ? [] : [behind])].join(', ')
}

/** Those that run another release and are in no state that says why. */
function behindSentence({ all, updated, states }: TagOverview['bots']): string {
  const told = OTHERS.reduce((sum, state) => sum + (states[state] ?? 0), 0)
  const behind = all - updated - told
  return behind > 0 ? `${behind} on another release` : ''
}

function shortReason(failing: TagOverview['failing']): string {
  const failures = failing[0]?.failures
  if (failures === undefined || failures === null) return ''
  const kinds = [
    [failures.loads, `could not load ${failures.release}`],
    [failures.transfers, 'transfer cut'],
    [failures.restarts, `restarted while loading ${failures.release}`],
  ] as const
  const [worst] = kinds.toSorted(([one], [other]) => other - one)
  return worst === undefined || worst[0] === 0 ? '' : `: ${worst[1]}`
}
