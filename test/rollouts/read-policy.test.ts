import { expect } from 'chai'
import fc from 'fast-check'
import { IMMEDIATE } from '../../protocol/rollout-policy.ts'
import { placesFor, stepSizes, toleratedFailures } from '../../server/rollouts/amount.ts'
import { readPolicy } from '../../server/rollouts/read-policy.ts'

describe('readPolicy', () => {
  it('fills in what is not said: the tag moves at once', () => {
    expect(readPolicy({}).policy).to.deep.equal(IMMEDIATE)
    expect(IMMEDIATE).to.include({
      soak: 0,
      deadline: 3600,
      onFail: 'revert',
      attempts: 3,
      maxUpdating: null,
    })
  })

  it('takes numbers and shares', () => {
    const steps = [1, 3, '2.5%', '25%', '100%']
    expect(readPolicy({ steps, tolerate: '10%', maxUpdating: '10%', drain: 30 }).policy).to.deep.include({
      steps,
    })
  })

  const refused: [field: string, policy: unknown][] = [
    ['policy', null],
    ['policy', 'canary'],
    ['policy', [1]],
    ['step', { step: [1] }],
    ['steps', { steps: [] }],
    ['steps', { steps: '100%' }],
    ['steps.1', { steps: ['50%', '25%', '100%'] }],
    ['steps.1', { steps: [3, 3, '100%'] }],
    ['steps.1', { steps: ['25%', 3, '100%'] }],
    ['steps.1', { steps: [1, '50%'] }],
    ['steps.0', { steps: [5] }],
    ['steps.0', { steps: ['101%'] }],
    ['steps.0', { steps: ['0%', '100%'] }],
    ['steps.0', { steps: ['-5%', '100%'] }],
    ['steps.0', { steps: [0, '100%'] }],
    ['steps.0', { steps: [1.5, '100%'] }],
    ['steps.0', { steps: ['1e2%'] }],
    ['soak', { soak: 7200 }],
    ['soak', { soak: -1 }],
    ['soak', { soak: '10' }],
    ['deadline', { deadline: 0 }],
    ['deadline', { deadline: 10_000_000 }],
    ['tolerate', { tolerate: '100%' }],
    ['tolerate', { steps: [1, '100%'], tolerate: 1 }],
    ['tolerate', { tolerate: -1 }],
    ['onFail', { onFail: 'explode' }],
    ['maxUpdating', { maxUpdating: 0 }],
    ['maxUpdating', { maxUpdating: '0%' }],
    ['drain', { drain: 30 }],
    ['drain', { drain: 99_999, maxUpdating: 1 }],
    ['drain', { drain: 60, deadline: 60, maxUpdating: 1 }],
    ['attempts', { attempts: 0 }],
    ['retry', { retry: 0 }],
    ['probes.0.url', { probes: [{ url: 'http://{bot}:5005/status' }] }],
  ]
  for (const [field, policy] of refused) {
    it(`names ${field} in ${JSON.stringify(policy)}`, () => {
      const { policy: read, problems } = readPolicy(policy)
      expect(read).to.equal(undefined)
      expect(problems.map((problem) => problem.field)).to.include(field)
    })
  }

  it('says in plain words that a field is unknown', () => {
    expect(readPolicy({ step: [1] }).problems).to.deep.equal([
      { field: 'step', message: 'is no field of a policy' },
    ])
  })

  it('takes what one promotion does not say from the policy of the tag', () => {
    const { policy } = readPolicy({ soak: 60 }, { defaults: { steps: [1, '100%'], maxUpdating: 1 } })
    expect(policy).to.deep.include({ steps: [1, '100%'], maxUpdating: 1, soak: 60 })
  })

  it('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const { policy, problems } = readPolicy(value)
        expect(policy === undefined).to.equal(problems.length > 0)
      }),
    )
  })
})

describe('hosts of probes', () => {
  const refusal = (url: string, ...probeHosts: string[]): string | undefined =>
    readPolicy({ probes: [{ url }] }, { probeHosts }).problems[0]?.message

  it('must be allowed by a pattern', () => {
    expect(refusal('http://{bot}.bots.svc:5005/', '*.bots.svc')).to.equal(undefined)
    expect(refusal('http://{bot}:5005/', '*')).to.equal(undefined)
    expect(refusal('http://gateway/{bot}', 'gateway')).to.equal(undefined)
    expect(refusal('http://{bot}.bots.svc/', '*.other.svc')).to.include('SLIPWAY_PROBE_HOSTS')
    expect(refusal('http://gateway/')).to.include('SLIPWAY_PROBE_HOSTS')
  })

  it('come after http:// or https:// as they are written, with both slashes: others would be asked of no bot', () => {
    for (const url of [
      'http:{bot}/',
      'http:\\\\{bot}/',
      'http:/{bot}/',
      ' http://{bot}/',
      'ht\ttp://{bot}/',
    ]) {
      expect(refusal(url, '*'), url).to.include('begins with http:// or https://')
    }
  })

  it('have the bot as their whole first label, or not at all', () => {
    for (const url of [
      'http://x{bot}.svc/',
      'http://{bot}x.svc/',
      'http://a.{bot}.svc/',
      'http://{bot}@evil/',
    ]) {
      expect(refusal(url, '*', '*.svc', '*.*.svc', 'evil'), url).to.be.a('string')
    }
  })

  it('are never those at which clouds serve credentials, whatever is allowed', () => {
    for (const host of [
      '169.254.169.254',
      '2852039166',
      '[fd00:ec2::254]',
      '[::ffff:169.254.169.254]',
      '100.100.100.200',
      'metadata.google.internal',
      'Metadata.Google.Internal.',
      'metadata.goog',
      'instance-data.ec2.internal',
    ]) {
      const url = `http://${host}/latest/meta-data`
      const { hostname } = new URL(url)
      expect(refusal(url, '*.google.internal', hostname), host).to.include('never asked')
    }
    expect(refusal('http://metadata.shop.internal/', '*.shop.internal')).to.equal(undefined)
    const { problems } = readPolicy({ probes: [{ url: 'http://169.254.169.254/' }] })
    expect(problems[0]?.field).to.equal('probes.0.url')
  })

  it('are addresses of the web without a password', () => {
    for (const url of ['file:///etc/passwd', 'nothing', 'http://me:secret@gateway/']) {
      expect(refusal(url, '*', 'gateway'), url).to.be.a('string')
    }
  })
})

describe('stepSizes', () => {
  it('rounds up to at least one, and never falls', () => {
    expect(stepSizes([1, '25%', '100%'], 10)).to.deep.equal([1, 3, 10])
    expect(stepSizes([5, '10%', '100%'], 10)).to.deep.equal([5, 5, 10])
    expect(stepSizes([1, '25%', '100%'], 0)).to.deep.equal([0, 0, 0])
  })
})

describe('shares of bots', () => {
  it('are rounded down where failures are tolerated, and to at least one where bots update', () => {
    expect([toleratedFailures('50%', 1), toleratedFailures('50%', 3), toleratedFailures(2, 9)]).to.deep.equal(
      [0, 1, 2],
    )
    expect([placesFor('25%', 3), placesFor('25%', 8), placesFor(null, 8)]).to.deep.equal([1, 2, Infinity])
  })
})
