import type { TagOverview } from '../../protocol/overview.ts'
import { count } from '../text/count.ts'

/** The other states in the order in which they are told. */
const OTHERS = ['loading', 'draining', 'waiting', 'starting', 'failing', 'lost'] as const

/**
 * How the bots of a tag are: `41 of 43 run it, 1 loading, 1 failing: transfer cut`. A bot may run the release of the tag and
 * fail another: `all 3 bots run it; of these 1 failing: could not load 8`. While a rollout brings another one out, the release of the
 * tag is named: `it` could be either.
 */
export function tagSentence({
  release,
  bots,
  failing,
  rollout = null,
}: Pick<TagOverview, 'release' | 'bots' | 'failing'> & Partial<Pick<TagOverview, 'rollout'>>): string {
  const { all, updated, states } = bots
  if (all === 0) return 'no bot polls it'
  const it = rollout !== null && rollout.to !== release ? `release ${release}` : 'it'
  const first =
    updated === all
      ? all === 1
        ? `its 1 bot runs ${it}`
        : `all ${count(all, 'bot')} run ${it}`
      : `${updated} of ${all} run ${it}`
  const others = OTHERS.flatMap((state) => {
    const number = states[state] ?? 0
    if (number === 0) return []
    const reason = state === 'failing' ? shortReason(failing) : ''
    return [`${number} ${state}${reason}`]
  })
  const told = OTHERS.reduce((sum, state) => sum + (states[state] ?? 0), 0)
  const behind = all - updated - told
  if (behind >= 0) {
    return [first, ...others, ...(behind === 0 ? [] : [`${behind} on ${otherRelease(release, bots)}`])].join(
      ', ',
    )
  }
  if (all === 1) return `${first}; it is ${others.join(', ').replace(/^1 /, '')}`
  return `${first}; of ${updated === all ? 'these' : `all ${all}:`} ${others.join(', ')}`
}

/** What those run who do not run the release of the tag: the canary of a rollout is told by its release. */
function otherRelease(own: number, { releases }: TagOverview['bots']): string {
  const [other, ...more] = releases.filter(({ release }) => release !== own)
  const isOne = other !== undefined && other.release !== null && more.length === 0
  return isOne ? `release ${other.release}` : 'another release'
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
