import { expect } from 'chai'
import { endOf } from '../../server/releases/end-of-rollout.ts'
import type { Rollout } from '../../server/rollouts/rollout.ts'
import { NEW, OLD } from '../fleet/facts.ts'
import { begin, fleet } from '../rollouts/rollout-support.ts'

const canary = begin({ steps: [1, '100%'] }, fleet(4)).rollout
const immediate = begin({}, fleet(4)).rollout
const OTHER = 5

const withPolicy = (rollout: Rollout, policy: Partial<Rollout['policy']>): Rollout => ({
  ...rollout,
  policy: { ...rollout.policy, ...policy },
})

describe('endOf', () => {
  it('says that a rollout was aborted where the tag goes back to what is stable, unless it went back already', () => {
    expect(endOf(canary, OLD.release, 'rollback')).to.deep.equal({ aborted: NEW.release })
    expect(endOf({ ...canary, state: 'reverting' }, OLD.release, 'rollback')).to.deep.equal({})
  })

  const watched: [string, Rollout][] = [
    ['brings its release to some bots first', canary],
    ['is paused', { ...immediate, state: 'paused' }],
    ['brings bots back', { ...immediate, state: 'reverting' }],
    ['soaks', withPolicy(immediate, { soak: 60 })],
    ['asks bots', withPolicy(immediate, { probes: [{ url: 'http://{bot}.bots:5005/' }] as never })],
    ['has few bots load at once', withPolicy(immediate, { maxUpdating: 1 })],
  ]
  for (const [does, rollout] of watched) {
    it(`says that one was replaced that ${does}`, () => {
      expect(endOf(rollout, OTHER, 'promotion')).to.deep.equal({ replaced: NEW.release })
    })
  }

  it('says nothing of one that nobody waits for', () => {
    expect(immediate).to.include({ state: 'running', tagMoved: true })
    expect(endOf(immediate, OTHER, 'promotion')).to.deep.equal({})
  })

  it('says that a canary was replaced by a rollback to its release, which takes no steps', () => {
    expect(endOf(canary, NEW.release, 'rollback')).to.deep.equal({ replaced: NEW.release })
  })

  it('says nothing of a rollback that is sent again in haste', () => {
    const careful = withPolicy(immediate, { maxUpdating: 1 })
    expect(endOf(careful, NEW.release, 'rollback')).to.deep.equal({})
    expect(endOf(careful, NEW.release, 'promotion')).to.deep.equal({ replaced: NEW.release })
    expect(endOf({ ...careful, state: 'paused' }, NEW.release, 'rollback')).to.deep.equal({
      replaced: NEW.release,
    })
  })
})
