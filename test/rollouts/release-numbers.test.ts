import { expect } from 'chai'
import { CurrentReleases } from '../../server/releases/current-releases.ts'
import { ReleaseIndex } from '../../server/releases/release-index.ts'
import { LiveRollouts } from '../../server/rollouts/live-rollouts.ts'
import { releaseNumbers } from '../../server/rollouts/release-numbers.ts'
import type { RolloutState } from '../../server/rollouts/rollout.ts'
import { NEW } from '../fleet/facts.ts'
import { aRelease } from '../support/a-release.ts'
import { begin, fleet } from './rollout-support.ts'

const SAME = NEW.digest
const OTHER = 'd'.repeat(64)

/** Releases 2, 5 and 9 have the same bytes; production points at another one, staging at 5. */
function parts() {
  const [index, current, rollouts] = [new ReleaseIndex(), new CurrentReleases(), new LiveRollouts()]
  const numbered = (number: number, digest: string) => ({ ...aRelease({ digest }), number })
  for (const number of [2, 5, 9]) index.add('shop', numbered(number, SAME))
  const tags = [
    { tag: 'production', release: numbered(7, OTHER) },
    { tag: 'staging', release: numbered(5, SAME) },
  ]
  current.replace({ model: 'shop', defaultTag: 'production', revision: 1, tags })
  const rolls = (from: number, to: number, state: RolloutState = 'running') => {
    const target = (release: number) => ({ release, digest: release === 7 ? OTHER : SAME })
    const { rollout } = begin({}, fleet(2))
    rollouts.put({ ...rollout, model: 'shop', tag: 'production', from: target(from), to: target(to), state })
  }
  return { rolls, numberOf: releaseNumbers({ index, current, rollouts }) }
}

describe('the number of bytes that several releases have', () => {
  it('is that of the release that the tag points at, else the newest', () => {
    const { numberOf } = parts()
    expect(numberOf('shop', SAME, 'staging')).to.equal(5)
    expect(['production', 'none', undefined].map((tag) => numberOf('shop', SAME, tag))).to.deep.equal([
      9, 9, 9,
    ])
    expect([numberOf('shop', 'e'.repeat(64), 'staging'), numberOf('bank', SAME, 'staging')]).to.deep.equal([
      undefined,
      undefined,
    ])
  })

  it('is that of the release which a rollout of the tag brings, or goes back to', () => {
    const { rolls, numberOf } = parts()
    rolls(7, 2)
    expect(numberOf('shop', SAME, 'production')).to.equal(2)
    rolls(2, 7)
    expect(numberOf('shop', SAME, 'production')).to.equal(2)
    expect(numberOf('shop', SAME, 'staging')).to.equal(5)
  })

  it('is that of the release to which bots are brought now, where a rollout leads between two of them', () => {
    const { rolls, numberOf } = parts()
    rolls(2, 5)
    expect(numberOf('shop', SAME, 'production')).to.equal(5)
    rolls(2, 5, 'reverting')
    expect(numberOf('shop', SAME, 'production')).to.equal(2)
  })
})
