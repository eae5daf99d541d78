import { expect } from 'chai'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { withoutSteps } from '../../server/rollouts/begin-rollout.ts'
import { isLeftAlone } from '../../server/rollouts/breaker.ts'
import { probeHostRefusal, probeUrl } from '../../server/rollouts/probe-hosts.ts'
import { rolloutCounts } from '../../server/rollouts/rollout-counts.ts'
import { noteProbe } from '../../server/rollouts/steer-rollout.ts'
import { failureOf } from '../../server/rollouts/unit.ts'
import { NEW, START } from '../fleet/facts.ts'
import { begin, change, effectsOf, failed, fleet, judge, loaded, unit } from './rollout-support.ts'

const PATTERNS = ['*.bots.svc', 'gateway.example.com']

describe('the address of a probe', () => {
  it('has the name of the bot in its place, percent-encoded outside of the host', () => {
    const template = 'http://{bot}.bots.svc:5005/model/parse?bot={bot}'
    expect(probeUrl(template, 'Pod-7', PATTERNS)).to.equal('http://pod-7.bots.svc:5005/model/parse?bot=Pod-7')
    expect(probeUrl('https://gateway.example.com/ask/{bot}', 'a/b c', PATTERNS)).to.equal(
      'https://gateway.example.com/ask/a%2Fb%20c',
    )
  })

  for (const name of [
    'a.b',
    '10.0.0.1',
    '2130706433',
    '0x7f000001',
    'a_b',
    '',
    'pod-7/..',
    '-pod',
    '[::1]',
  ]) {
    it(`is none for a bot called "${name}", which is no label of a host`, () => {
      expect(probeUrl('http://{bot}.bots.svc/status', name, PATTERNS)).to.equal(undefined)
    })
  }

  it('is none for a bot that calls itself localhost, which would be this machine', () => {
    expect(probeUrl('http://{bot}:5005/', 'LocalHost', ['*'])).to.equal(undefined)
    expect(probeUrl('http://localhost:5005/', 'pod-7', ['localhost'])).to.equal('http://localhost:5005/')
  })

  it('is none where its host is not allowed', () => {
    expect(probeUrl('http://{bot}.elsewhere.svc/', 'pod-7', PATTERNS)).to.equal(undefined)
    expect(probeHostRefusal('http://{bot}.elsewhere.svc/', PATTERNS)).to.match(/SLIPWAY_PROBE_HOSTS/)
  })
})

describe('a rollout', () => {
  it('keeps what a probe said of each bot', () => {
    const { rollout } = begin({}, fleet(2))
    const noted = noteProbe(noteProbe(rollout, 'pod-1', 'passed'), 'pod-2', 'failed')
    expect(noted.probes).to.deep.equal({ 'pod-1': 'passed', 'pod-2': 'failed' })
  })

  for (const name of ['constructor', '__proto__', 'toString']) {
    it(`asks a bot that is called ${name}, once, and goes by what it answers`, () => {
      const probes = [{ url: 'http://gateway/', status: 200 }]
      const units = [unit(name, loaded(NEW, START)), unit('pod-2')]
      const begun = begin({ steps: ['50%', '100%'], probes }, units.slice(0, 1)).rollout
      const asked = judge(begun, units, 10)
      expect(effectsOf(asked, 'probe').map(({ bot }) => bot)).to.deep.equal([name])
      const stored = JSON.parse(JSON.stringify(asked.rollout)) as typeof begun
      expect(effectsOf(judge(stored, units, 11), 'probe')).to.deep.equal([])
      expect(judge(noteProbe(stored, name, 'passed'), units, 12).rollout.step).to.equal(1)
      expect(judge(noteProbe(stored, name, 'failed'), units, 12).rollout.state).to.equal('reverting')
    })
  }

  it('goes back with no steps, no soak and no probes, but with its limits', () => {
    const policy = { ...IMMEDIATE, steps: [1, '100%'] as const, soak: 60, maxUpdating: 1, drain: 30 }
    const back = withoutSteps({ ...policy, steps: [...policy.steps] })
    expect(back).to.deep.include({ steps: ['100%'], soak: 0, probes: [], maxUpdating: 1, drain: 30 })
  })

  it('counts each bot in one place, and names those that were left alone', () => {
    const units = change(change(fleet(4), ['pod-1'], loaded(NEW, START + 1000)), ['pod-2'], failed(NEW))
    const { rollout } = begin({}, units)
    const { bots, updated, failing } = rolloutCounts(rollout, units)
    expect({ bots, updated, failing }).to.deep.equal({ bots: 4, updated: 1, failing: 1 })
    const alone = units.filter((unit) =>
      isLeftAlone(failureOf(unit, NEW.digest), rollout.policy, START + 1000),
    )
    expect(alone.map(({ id }) => id)).to.deep.equal(['pod-2'])
  })
})
